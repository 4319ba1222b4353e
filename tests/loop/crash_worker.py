"""What the crash tests start and kill: `python crash_worker.py import|learn|certify HOME`; prints a line when it begins."""

import sys
from pathlib import Path

from worlds import answer, settings, texts

from cowise import loop


def main(what: str, home: str) -> None:
    with loop.open_workspace(settings(Path(home))) as ws:
        print("begun", flush=True)
        if what == "import":
            loop.add(ws, "p", Path(home).parent / "texts.txt", progress=lambda *_: print("more", flush=True))
        elif what == "learn":
            while True:
                loop.learn(ws, "p", progress=lambda *_: print("more", flush=True))
                ws.memory.clear()
        else:
            gold = texts(420)
            while True:
                answer(ws, gold, limit=1)
                print("more", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
