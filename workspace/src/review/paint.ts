// How long a key takes until the next text is on the screen, as entries of the browser's own performance timeline
// ("cowise:next"), where developer tools and the benchmark read it.
const NAME = "cowise:next";
let kept = 0;

/** Called once the new text is in the document: measures from the key until the frame with it was handed over. */
export function painted(from: number): void {
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    // A message sent from within a frame arrives when that frame has been painted.
    port1.onmessage = () => {
      if (++kept % 2000 === 0) performance.clearMeasures(NAME);
      performance.measure(NAME, { start: from, end: performance.now() });
      port1.close();
    };
    port2.postMessage(0);
  });
}
