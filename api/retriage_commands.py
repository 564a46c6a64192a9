"""`hotline retriage`: what waits untouched is triaged again by the active lexicon, with a bar, resumable."""

import typer
from rich.console import Console
from rich.progress import Progress

from api.settings import load_settings
from api.wiring import build_house
from casework.retriage import Again, count_stale, triage_again


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("retriage")(retriage)


def retriage() -> None:
    """改了词库以后，把还没派出去的件重新研判一遍；断了再运行一次，接着做。人改过的、派出去的、密封的都不动。"""
    house = build_house(load_settings())
    try:
        context = house.context
        with house.store.read() as session:
            total = count_stale(session, context.lexicon.version)
        looked = moved = keyed = 0
        with Progress(console=Console(stderr=True)) as progress:
            bar = progress.add_task("重新研判", total=total)
            batch = Again()
            while (
                batch := triage_again(house.store, context, after=batch.cursor, office=house.office, now=house.now())
            ).looked:
                looked, moved, keyed = looked + batch.looked, moved + batch.moved, keyed + batch.keyed
                progress.update(bar, completed=looked)
        typer.echo(f"看了{looked}件，{moved}件的研判变了。词库 {context.lexicon.version}。")
        if keyed:
            typer.echo(f"有{keyed}件像是两把钥匙都有，请密件员看要不要密封。")
    finally:
        house.close()
