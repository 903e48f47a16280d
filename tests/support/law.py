"""One law over all of something is one test, whose failure names each offender, and is a second cheaper."""

from collections.abc import Callable, Iterable


def for_each(names: Iterable[str]) -> Callable[[Callable[[str], None]], Callable[[], None]]:
    """Make one test of what is true of each of `names`; it goes through all of them, whatever it finds."""
    wanted = tuple(names)
    assert wanted

    def over_all(law: Callable[[str], None]) -> Callable[[], None]:
        def test() -> None:
            broken: list[Exception] = []
            for name in wanted:
                try:
                    law(name)
                except Exception as error:  # noqa: BLE001 - whatever it is, the others are looked at too
                    error.add_note(f"of {name}")
                    broken.append(error)
            if broken:
                raise ExceptionGroup(f"not so of {len(broken)} of {len(wanted)}", broken)

        test.__name__, test.__module__, test.__doc__ = law.__name__, law.__module__, law.__doc__
        return test

    return over_all
