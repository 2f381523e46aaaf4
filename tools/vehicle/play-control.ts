/** Holds a player, and lets single frames pass: from a keyboard, a plan or a test. */
export class PlayControl {
  #isPaused: boolean;
  /** Frames that may still pass while it is paused. */
  #granted = 0;
  #waiting: (() => void)[] = [];

  constructor(isPaused = false) {
    this.#isPaused = isPaused;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get granted(): number {
    return this.#granted;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#granted = 0;
    this.#wake();
  }

  /** Pauses, and lets that many more pass at once. */
  step(frames: number): void {
    this.#isPaused = true;
    this.#granted += frames;
    this.#wake();
  }

  /** That many of those granted have passed. */
  spend(frames: number): void {
    this.#granted -= frames;
  }

  /** Resolves when frames may pass, or the signal aborts. */
  async whenAllowed(signal: AbortSignal): Promise<void> {
    while (this.#isPaused && this.#granted === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
