// What the account holds, from its balance and the fills that came since. Personal data: it lives in memory alone, and
// reaches neither journal nor log. kisignal places no orders; this is what exposure and drawdown are measured on.
import { type NoticeRecord, PRICE_SCALE } from '../decode/records.ts';
import type { AccountBalance, HeldPosition } from '../sources/kis/rest/balance.ts';

export class Positions {
  /** Fills taken since the start, and sales of more than was held: the next balance tells what is true. */
  fills = 0;
  contradictions = 0;
  private readonly account: string;
  private readonly byCode = new Map<string, HeldPosition>();
  private cash = 0;
  private balanced = false;

  /** @param accountNumber `12345678-01`; notices of the same HTS id for other accounts are passed over */
  constructor(accountNumber: string) {
    this.account = digitsOf(accountNumber);
  }

  /** False until the first balance: what is held is then not known, which is not the same as nothing. */
  get known(): boolean {
    return this.balanced;
  }

  /** Deposit after settlement; fills move it by price times quantity, fees and taxes come with the next balance. */
  get cashWon(): number {
    return this.cash;
  }

  held(code: string): HeldPosition | undefined {
    return this.byCode.get(code);
  }

  all(): HeldPosition[] {
    return [...this.byCode.values()];
  }

  /** Puts the balance in the place of what was known. */
  balance({ positions, cashWon }: AccountBalance): void {
    this.byCode.clear();
    for (const position of positions) this.byCode.set(position.code, position);
    this.cash = cashWon;
    this.balanced = true;
  }

  /** True for a fill of this account; receipts, changes, refusals and other accounts change nothing. */
  notice({ accountNumber, filled, rejected, code, side, quantity, price }: NoticeRecord): boolean {
    if (digitsOf(accountNumber) !== this.account || !filled || rejected || quantity === 0) return false;
    const priceWon = price / PRICE_SCALE;
    this.fills += 1;
    if (side === 'buy') {
      this.cash -= priceWon * quantity;
      this.bought(code, quantity, priceWon);
    } else {
      this.cash += priceWon * quantity;
      this.sold(code, quantity);
    }
    return true;
  }

  private bought(code: string, quantity: number, priceWon: number): void {
    const held = this.byCode.get(code);
    const before = held?.quantity ?? 0;
    const paidWon = before * (held?.averagePriceWon ?? 0) + quantity * priceWon;
    const after = before + quantity;
    this.byCode.set(code, { code, quantity: after, averagePriceWon: paidWon / after });
  }

  private sold(code: string, quantity: number): void {
    const held = this.byCode.get(code);
    const left = (held?.quantity ?? 0) - quantity;
    if (left < 0) this.contradictions += 1;
    if (left <= 0) this.byCode.delete(code);
    else this.byCode.set(code, { ...held!, quantity: left });
  }
}

function digitsOf(accountNumber: string): string {
  return accountNumber.replace(/\D/g, '');
}
