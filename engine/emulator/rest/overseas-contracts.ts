// For tests: what each TR of overseas quotations answers to a good request. Fields are those of the same samples.
import type { Contract } from './contracts.ts';

const OVERSEAS = { AUTH: '', EXCD: 'NAS', SYMB: 'AAPL' };

export const OVERSEAS_CONTRACTS: Readonly<Record<string, Contract>> = {
  HHDFS00000300: {
    parameters: OVERSEAS,
    objects: { output: 'rsym zdiv base pvol last sign diff rate tvol tamt ordy' },
  },
  HHDFS76200200: {
    parameters: OVERSEAS,
    objects: {
      output: `rsym pvol open high low last base tomv pamt uplp dnlp h52p h52d l52p l52d perx pbrx epsx bpsx shar mcap
        curr zdiv vnit t_xprc t_xdif t_xrat p_xprc p_xdif p_xrat t_rate p_rate t_xsgn p_xsng e_ordyn e_hogau e_icod
        e_parp tvol tamt etyp_nm`,
    },
  },
  HHDFS76200100: {
    parameters: OVERSEAS,
    objects: {
      output1: 'rsym zdiv curr base open high low last dymd dhms bvol avol bdvl advl code ropen rhigh rlow rclose',
      output2: 'pbid1 pask1 vbid1 vask1 dbid1 dask1 pbid10 pask10 vbid10 vask10',
      output3: 'vstm vetm csbp cshi cslo iep iev',
    },
  },
  HHDFS76240000: {
    parameters: { ...OVERSEAS, GUBN: '0', BYMD: '', MODP: '1' },
    objects: { output1: 'rsym zdiv nrec' },
    lists: {
      output2: { names: 'xymd clos sign diff rate open high low tvol tamt pbid vbid pask vask', rowsMax: 100 },
    },
  },
  HHDFS76950200: {
    parameters: { ...OVERSEAS, NMIN: '5', PINC: '1', NEXT: '', NREC: '120', FILL: '', KEYB: '' },
    objects: { output1: 'rsym zdiv stim etim sktm ektm next more nrec' },
    lists: { output2: { names: 'tymd xymd xhms kymd khms open high low last evol eamt', rowsMax: 120 } },
  },
};
