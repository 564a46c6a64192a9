"""The demo: an invented county with officers and reports, a mail sink, and a page that writes as WeChat would."""
