"""Is the schema of the database the one that this code needs?"""

import typer

from nofumble.cli.options import AsJson, current_settings
from nofumble.cli.output import say, write, write_json
from nofumble.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="db", help="The schema of the database.")
    group.command("migrate", epilog="Example: nofumble db migrate")(migrate_schema)
    group.command("check", epilog="Example: nofumble db check --json")(check_schema)
    app.add_typer(group)


def migrate_schema(as_json: AsJson = False) -> None:
    """Bring the schema up to date.

    Several machines may do it at once: one works, the others wait.
    """
    from nofumble.postgres import open_database
    from nofumble.store.migrate import migrate

    with open_database(current_settings()) as database, database.connect(autocommit=True) as connection:
        applied = migrate(connection)
    if as_json:
        write_json({"applied": name} for name in applied)
        return
    for name in applied:
        write(f"applied {name}")
    if not applied:
        say("the schema is up to date")


def check_schema(as_json: AsJson = False) -> None:
    """Say what of the schema is not as this code needs it.

    Changes nothing. Exit code 1 when there is something.
    """
    from nofumble.postgres import open_database
    from nofumble.store.migrate import check

    with open_database(current_settings()) as database, database.connect(autocommit=True) as connection:
        findings = check(connection)
    if as_json:
        write_json({"finding": one.sentence, "pending": one.is_pending} for one in findings)
    else:
        for one in findings:
            write(one.sentence)
    if findings:
        raise typer.Exit(ExitCode.FOUND)
    say("the schema is up to date")
