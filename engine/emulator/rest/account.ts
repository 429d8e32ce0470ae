// The emulator's one account: cash and positions, which executions change. It exists nowhere, and nothing can be ordered
// for it; what fills it are the emulator's own execution notices.

export interface Position {
  readonly code: string;
  readonly name: string;
  readonly quantity: number;
  /** Of what is held, won. */
  readonly averageWon: number;
  readonly boughtToday: number;
  readonly soldToday: number;
}

export interface Fill {
  readonly code: string;
  readonly name: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: number;
  readonly priceWon: number;
  /** YYYYMMDD of the trading day. */
  readonly date: number;
}

export interface AccountOptions {
  /** `12345678-01`: eight digits and the product's two. */
  readonly number?: string;
  readonly cashWon?: number;
  readonly positions?: readonly { code: string; name: string; quantity: number; averageWon: number }[];
}

export const ACCOUNT_NUMBER = '12345678-01';
const CASH_WON = 100_000_000;
/** Fills of further codes are refused beyond it. */
const POSITIONS_MAX = 3_000;

export class Account {
  readonly number: string;
  private readonly held = new Map<string, Position>();
  private cash: number;
  private boughtWon = 0;
  private soldWon = 0;
  private date = 0;

  constructor({ number = ACCOUNT_NUMBER, cashWon = CASH_WON, positions = [] }: AccountOptions = {}) {
    if (!/^\d{8}-\d{2}$/.test(number)) throw new RangeError('an account number is 8 digits, a hyphen, 2 digits');
    this.number = number;
    this.cash = cashWon;
    for (const one of positions) this.held.set(one.code, { ...one, boughtToday: 0, soldToday: 0 });
  }

  get cashWon(): number {
    return this.cash;
  }

  get boughtTodayWon(): number {
    return this.boughtWon;
  }

  get soldTodayWon(): number {
    return this.soldWon;
  }

  /** By code; one that was sold out today stays in it, with quantity 0, until the day ends. */
  get positions(): readonly Position[] {
    return [...this.held.values()].sort((one, other) => (one.code < other.code ? -1 : 1));
  }

  /** Begins a day where the date is a new one: today's quantities are 0, and what was sold out is gone. */
  beginDay(date: number): void {
    if (date === this.date) return;
    this.date = date;
    this.boughtWon = 0;
    this.soldWon = 0;
    for (const [code, position] of this.held) {
      if (position.quantity === 0) this.held.delete(code);
      else this.held.set(code, { ...position, boughtToday: 0, soldToday: 0 });
    }
  }

  /** False, and nothing changes, where more is sold than held, or for one position too many. */
  fill({ code, name, side, quantity, priceWon, date }: Fill): boolean {
    this.beginDay(date);
    const known = this.held.get(code) ?? { code, name, quantity: 0, averageWon: 0, boughtToday: 0, soldToday: 0 };
    const amountWon = quantity * priceWon;
    if (side === 'sell') {
      if (known.quantity < quantity) return false;
      this.held.set(code, {
        ...known,
        quantity: known.quantity - quantity,
        soldToday: known.soldToday + quantity,
      });
      this.soldWon += amountWon;
      this.cash += amountWon;
      return true;
    }
    if (!this.held.has(code) && this.held.size >= POSITIONS_MAX) return false;
    const total = known.quantity + quantity;
    this.held.set(code, {
      ...known,
      quantity: total,
      averageWon: (known.averageWon * known.quantity + amountWon) / total,
      boughtToday: known.boughtToday + quantity,
    });
    this.boughtWon += amountWon;
    this.cash -= amountWon;
    return true;
  }
}
