// Who has registered what, over all sessions.

export class Audience<Member> {
  private readonly members = new Map<string, Set<Member>>();

  /** Registrations that anybody holds. */
  get size(): number {
    return this.members.size;
  }

  of(registration: string): Iterable<Member> {
    return this.members.get(registration) ?? [];
  }

  /** True for the first one. */
  join(registration: string, member: Member): boolean {
    const present = this.members.get(registration);
    if (present === undefined) this.members.set(registration, new Set([member]));
    else present.add(member);
    return present === undefined;
  }

  /** True where it was the last one. */
  leave(registration: string, member: Member): boolean {
    const present = this.members.get(registration);
    if (!present?.delete(member) || present.size > 0) return false;
    return this.members.delete(registration);
  }
}
