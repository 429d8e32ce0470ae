// Who has registered what, over all sessions.

export class Audience<Member> {
  private readonly members = new Map<string, Set<Member>>();

  /** Registrations that anybody holds. */
  get size(): number {
    return this.members.size;
  }

  has(registration: string): boolean {
    return this.members.has(registration);
  }

  of(registration: string): Iterable<Member> {
    return this.members.get(registration) ?? [];
  }

  join(registration: string, member: Member): void {
    const present = this.members.get(registration);
    if (present === undefined) this.members.set(registration, new Set([member]));
    else present.add(member);
  }

  leave(registration: string, member: Member): void {
    const present = this.members.get(registration);
    if (present?.delete(member) && present.size === 0) this.members.delete(registration);
  }
}
