"""Groups of commands of which one needs no name: `evidence CASE` is `evidence make CASE`."""

from typing import Any

from typer.core import TyperGroup


class CaseOrCommand(TyperGroup):
    """What is no command is the case that `make` is given."""

    default = "make"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take what is no command for the case of one that is made something of."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [self.default, *args]
        return super().parse_args(ctx, args)
