// Small things that several pages need and no library gives.

/** A number in 0..1 from the system's generator. */
export function chance(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}

/** A random key of 128 bits; randomUUID is missing on plain-http networks. */
export function key(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Resolves after some seconds, or rejects at once when aborted. */
export function later(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      failed(new DOMException("", "AbortError"));
    });
  });
}

/** The last call wins, after a pause. */
export function debounce<A extends unknown[]>(what: (...args: A) => void, seconds: number): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => what(...args), seconds * 1000);
  };
}

/** Storage that may be closed to us (private windows): reads give null then, writes are dropped. */
export const kept = {
  get(name: string): string | null {
    try {
      return localStorage.getItem("cowise." + name);
    } catch {
      return null;
    }
  },
  /** Whether anything is kept under a name that begins so. */
  some(start: string): boolean {
    try {
      return Object.keys(localStorage).some((name) => name.startsWith("cowise." + start));
    } catch {
      return false;
    }
  },
  set(name: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem("cowise." + name);
      else localStorage.setItem("cowise." + name, value);
    } catch {
      // Nothing to do: the choice then lives as long as the page.
    }
  },
};

/** Whether the focus is where letters are typed: shortcuts stay silent there. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
