// What an account holds: personal data, so none of it is ever logged, journaled or put into an error.
import { rowsOf } from './answer.ts';
import type { KisRestClient } from './client.ts';
import { BALANCE } from './transactions.ts';

export interface HeldPosition {
  readonly code: string;
  readonly quantity: number;
  readonly averagePriceWon: number;
}

export interface AccountBalance {
  readonly positions: readonly HeldPosition[];
  /** Deposit, with what is bought and sold and not yet settled (D+2). */
  readonly cashWon: number;
}

const ACCOUNT = /^(\d{8})-?(\d{2})$/;

/**
 * @param accountNumber `12345678-01`, the dash may be left out
 * @throws KisRestError; RangeError for a number that is none (it is not shown)
 */
export async function accountBalance(client: KisRestClient, accountNumber: string): Promise<AccountBalance> {
  const parts = ACCOUNT.exec(accountNumber);
  if (parts === null) throw new RangeError('an account number has eight digits and two more: 12345678-01');
  const pages = await client.askAll(
    BALANCE,
    {
      CANO: parts[1],
      ACNT_PRDT_CD: parts[2],
      AFHR_FLPR_YN: 'N',
      OFL_YN: '',
      // 02: by stock, not by the day of a loan.
      INQR_DVSN: '02',
      UNPR_DVSN: '01',
      FUND_STTL_ICLD_YN: 'N',
      FNCG_AMT_AUTO_RDPT_YN: 'N',
      // 00: with the trades of the day before, which are not settled yet.
      PRCS_DVSN: '00',
    },
    { CTX_AREA_FK100: 'ctx_area_fk100', CTX_AREA_NK100: 'ctx_area_nk100' },
  );
  const positions = new Map<string, HeldPosition>();
  for (const row of pages.flatMap((page) => rowsOf(page, 'output1'))) {
    const held = {
      code: row.text('pdno'),
      quantity: row.number('hldg_qty'),
      averagePriceWon: row.number('pchs_avg_pric'),
    };
    // What was sold today stands there with 0 until it is settled.
    if (held.code === '' || held.quantity === 0) continue;
    positions.set(held.code, joined(positions.get(held.code), held));
  }
  const summary = pages.flatMap((page) => rowsOf(page, 'output2')).at(-1);
  return {
    positions: [...positions.values()],
    cashWon: summary === undefined ? 0 : summary.number('prvs_rcdl_excc_amt'),
  };
}

/** One stock may stand there in several rows, bought for cash and on credit. */
function joined(one: HeldPosition | undefined, other: HeldPosition): HeldPosition {
  if (one === undefined) return other;
  const quantity = one.quantity + other.quantity;
  const paidWon = one.quantity * one.averagePriceWon + other.quantity * other.averagePriceWon;
  return { code: one.code, quantity, averagePriceWon: paidWon / quantity };
}
