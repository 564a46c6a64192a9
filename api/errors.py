"""What an error means outside: one table from our errors to HTTP status and Chinese wording.

A page gets a page, the API gets JSON; neither gets a detail that somebody kept out could learn from.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from casework import errors as e

PROBLEMS: Mapping[str, str] = {
    "required": "这一项要填。",
    "empty": "这一项要填。",
    "missing": "这一项要填。",
    "too_long": "太长了，请写短一些。",
    "too_short": "太短了，请多写几个字。",
    "not_a_date": "日期没看懂，请写成 2026-11-22。",
    "in_the_past": "日期要在今天以后。",
    "unknown_choice": "请从列出的里面选一个。",
    "not_a_number": "请填数字。",
    "not_a_notice_number": "文号要写成 〔2026〕1号 这样。",
    "number_taken": "这个文号已经用过了。",
    "not_a_head": "链头没看懂，照日志里那一行抄。",
    "no_receiver": "对方还没有能登录取件的人，换一种送法。",
    "no_name": "他没有留姓名，或者要求匿名，没有可以封的信息。",
    "too_large_pickup": "材料太大，自取装不下。改用加密材料包，或者少放几份。",
    "not_approved": "要先报正职负责人决定，批准了才能移送。",
    "no_body": "还没有派单，不知道发给谁。",
    "no_unit": "还没有查清是哪一家，不知道发给谁。",
    "tells_of_report": "这里看得出有人说过。发给他们的，只能像日常检查。",
    "tells_when": "这是来件的日期，会露出来。请删掉，或者换个日子去。",
    "his_words": "和来件里的原话相近，会认出是谁说的。请写现场看到的。",
    "too_soon": "刚收到只查一家，会露馅。再写名册里两家全名，或者等七天。",
    "same_person": "您最后写过这份稿，要由另一位来签发。",
    "contact_detail": "这里像是电话或证件号，会认出人，请删掉。",
    "clock_time": "时间写到日就行，别写几点几分。",
    "masked": "▇ 盖住的地方不能写进来，请改成自己的话。",
    "not_a_mail": "邮箱没看懂，请检查一下。",
    "past": "日期要在今天以后。",
    "asked_already": "已经申请过了，等批复。",
    "kept_out_already": "他已经看不到这件了。",
    "nobody_left": "这样就没有人能照看这件了。请先送上级，或者送纪检监察机关。",
    "not_inside": "他本来就看不到这件。",
    "needs_consent": "同事回避，要第二个人同意。请在“提议请同事回避”里提。",
    "needs_third": "话里可能说的就是他，一个人不能放他进来。请先提，由第三个人同意。",
    "no_third_needed": "话里没有点到他，直接让他看就行。",
    "not_alone": "这件有两位打得开，照常代拟，由另一位签发。",
    "nobody_to_agree": "没有第二个人能同意：领导也牵涉在里面，也没有别的密件员。请联系县纪委监委，由他们定。",
    "seal_first": "公开的办件里，不能一个人让密件员回避。请先密封，再提议，由第二个人同意。他自己可以自己回避。",
    "last_clue_officer": "这样就没有密件员看这件了。请先请管理员增设一位密件员。",
    "not_in_ring": "他还没进密件库。先在“钥匙”页听他念指纹，放他进来，再让他看这件。",
    "run_out": "这个时限已经过了，或者办完了，延不了。",
    "too_much": "超过这一条能延的了，请选近一些的日子。",
    "not_checked": "看过再勾，两样都要有人核。",
    "not_an_age_key": "对方的公钥还没有登记，或者登记错了。",
    "key_not_heard": "对方的公钥还没有第二个人核对。请先到“钥匙”页的“收件单位的钥匙”，听对方念指纹。",
    "key_swapped": "对方的公钥和台账里登记的不一样，可能被人换过。先别送，请管理员运行 hotline verify。",
    "receiver_not_heard": "对方的钥匙还没有人核对。请先到“钥匙”页的“收件单位的钥匙”，听对方念指纹。",
    "not_its_fingerprint": "和登记的公钥对不上。请对方再念一遍，还不对就别核，请管理员重新登记。",
    "taken": "这个用户名已经有人用了。",
    "too_simple": "太好猜了，请换一个。",
    "not_a_username": "用小写字母开头，2到32个小写字母、数字、点、横线。",
    "roles_apart": "管理员和日志审计员不能兼别的岗位。",
    "towns_needed": "督导员要选管哪些乡镇。",
    "not_the_same": "两次输的不一样，请再输一遍。",
    "same_as_before": "和旧的一样，请换一个。",
    "wrong_code": "动态码不对。等手机上换了下一个，再输。",
    "not_these_words": "和上面给的五个词对不上，请照着抄。",
    "not_his_fingerprint": "和他的钥匙对不上。请他看“我的账号”再念，还不对就先别放。",
    "empty_file": "这份是空的，请再选一次。",
    "too_large_file": "太大了：照片最大10兆，别的最大20兆。",
    "wrong_kind_file": "这种文件收不了。请拍成照片，或者存成PDF。",
    "broken_file": "这份打不开，请再拍一张或者再选一次。",
    "slow_upload": "传得太慢，断了。换个网，或者一份一份传。",
    "too_many_files": "一次最多九份，请少选几份。",
    "too_many_pages": "一封信最多九页。请分开登记，或者只传要紧的几页。",
    "reused": "这个键用过了，内容不一样。",
    "all_picked": "全选了，就不是一部分了。请把整件密封，或者整件解除。",
    "one_report": "一次只能选一段来件里的话。",
    "quoted": "别处写着同样的话，单独密不住。请把整件密封。",
    "has_left": "已经起草或者发出过文书，单独密不住。请把整件密封。",
    "still_sealing": "这几句单独看也要密封，不能公开。",
    "no_open_part": "还没有公开的那一件，这些话没处放。",
    "phrase_there": "这一类里已经有这个说法了。",
    "phrase_not_there": "这一类里没有这个说法。",
    "weight_range": "分量要在 -5 到 5 之间。",
    "pattern_name": "句式要起个名字，写在说法里，前面带 ~，一次一个。",
    "pattern_parts": "句式一次一个，要有两到四段，顺序不拘的最多三段。在这里只能停用，要加要改请用文件导入。",
    "window_range": "两段之间隔的词要在 0 到 20 个之间。",
    "no_effect": "要么写分量，要么归到一组里，不然不起作用。",
    "group_needed": "这一类要归到一组里才算。",
    "too_many": "一次最多二十个。",
    "not_looked": "看过再勾，勾了才能启用。",
    "not_a_sheet": "这个文件打不开，请给 xlsx 或 csv 表格。",
    "no_rows": "表里没有内容，第一行要是表头，下面要有来件。",
    "too_many_rows": "一张表最多2000行，请分几张。",
    "no_good_rows": "没有一行能登记，请看下面哪里要改。",
    "no_story": "还没写他说的事。",
    "phone_missing": "他同意联系，要记一个电话。",
    "not_a_phone": "电话没看懂，请再核一遍号码。",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """An HTTP status with what it is called in JSON and what a person reads: a title and what to do."""

    status: int
    code: str
    title: str
    advice: str


NOT_FOUND = Wording(404, "not_found", "没有这一页。", "看看网址对不对，或者回到首页。")
HOUSE = Wording(500, "internal", "没办成，是我们这边出了毛病。", "您写的还在，请再按一次。")
DATABASE = Wording(503, "unavailable", "这会儿存不上。", "您写的还在，请过一分钟再按一次。")
INVALID = Wording(422, "invalid", "有一处要改。", "请看标出来的地方。")
WORDINGS: Mapping[type[e.HotlineError], Wording] = {
    e.NotFound: NOT_FOUND,
    e.NotAllowed: Wording(403, "not_allowed", "这一步要别的岗位来办。", "需要的话，请找派单员。"),
    e.AwaitsClueOfficer: Wording(
        409,
        "awaits_clue_officer",
        "这件标了涉纪线索，密件员还没看，先不能办。",
        "请等密件员看过，他会交回来或者密封。密件员都回避了的，请管理员增设一位。",
    ),
    e.NeedsColleague: Wording(
        409,
        "needs_colleague",
        "这件密件现在只有一位密件员看得到，一个人不能答复、移送、办结。",
        "要移送，请一位没有牵涉在内的局领导同意。没有能同意的，请联系县纪委监委，由他们定谁来办。",
    ),
    e.IllegalMove: Wording(409, "illegal_move", "这件已经不在这一步了。", "请刷新看看现在到哪一步。"),
    e.StaleVersion: Wording(409, "stale", "别人刚改过这件。", "您写的还在，请看看差在哪，再按一次。"),
    e.InvalidField: INVALID,
    e.ConflictOfInterest: Wording(409, "conflict", "收件单位和这件事有关，不能送。", "请改送上一级或纪检监察机关。"),
    e.VaultLocked: Wording(423, "locked", "密件室锁着。", "输口令打开，接着办。"),
    e.BrokenSeal: Wording(
        409, "broken_seal", "这里的内容或者钥匙被人动过，没办成。", "先别再办，请管理员运行 hotline verify。"
    ),
    e.WrongPassphrase: Wording(422, "wrong_passphrase", "口令不对。", "请再输一次，词和词之间空一格。"),
    e.LastMember: Wording(
        409, "last_member", "密件库离不开他，现在不能动。", "请先让另一位密件员进密件库，由他给那一位补包钥匙，再来。"
    ),
    e.CalendarGap: Wording(503, "calendar_gap", "这一年的放假安排还没有录入。", "请管理员录入后再算。"),
}


def word_error(error: e.HotlineError) -> Wording:
    """The wording of an error, by its own class or the nearest above it."""
    for kind in type(error).__mro__:
        if kind in WORDINGS:
            return WORDINGS[kind]
    return HOUSE


def word_problem(error: e.InvalidField) -> str:
    """The sentence that stands at the field."""
    return PROBLEMS.get(error.problem, "这里没看懂，请再看看。")
