// When a process dies: at the so many-th thing that it does to the world outside (a write, a sync, a store's answer, a
// frame to a socket). From then on it may compute as it likes, nothing of that reaches anybody.

export class Fuse {
  isDead = false;
  /** Effects that are left; null where it is not to die by itself. */
  private left: number | null = null;
  private readonly listeners: ((at: string) => void)[] = [];

  /** Called at once where it is dead already. */
  whenDead(listener: (at: string) => void): void {
    if (this.isDead) listener('');
    else this.listeners.push(listener);
  }

  light(effects: number): void {
    this.left ??= effects;
  }

  extinguish(): void {
    this.left = null;
  }

  /** One more effect; true where the process died at it. */
  burns(effect: string): boolean {
    if (this.isDead || this.left === null) return false;
    this.left -= 1;
    if (this.left > 0) return false;
    this.blow(effect);
    return true;
  }

  blow(at: string): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const listener of this.listeners) listener(at);
  }
}
