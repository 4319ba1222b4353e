// How long a key takes until the next text is on the screen, as entries of the browser's own performance timeline
// ("cowise:next"), where developer tools and the benchmark read it; "cowise:placed" is its first part, until the text
// stands in the document.
const NAME = "cowise:next";
const PLACED = "cowise:placed";
let kept = 0;

/** Called once the new text is in the document: measures from the key until the frame with it was handed over. */
export function painted(from: number): void {
  performance.measure(PLACED, { start: from, end: performance.now() });
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    // A message sent from within a frame arrives when that frame has been painted.
    port1.onmessage = () => {
      if (++kept % 2000 === 0) performance.clearMeasures();
      performance.measure(NAME, { start: from, end: performance.now() });
      port1.close();
    };
    port2.postMessage(0);
  });
}
