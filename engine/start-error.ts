// What a start cannot do without, and does not find: told by its message, not by a stack.

/** An error of the surroundings (a file, a port, a process), in the words of whoever can mend it. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
