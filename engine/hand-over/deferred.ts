// A promise and the two functions that settle it, for answers that come by another way than a return.
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (error: Error) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of a failure; where nobody does, it is no unhandled one.
    this.promise.catch(() => {});
  }
}
