import { settingCheck } from './setting.ts';

export const accounting = settingCheck({
  id: 'accounting',
  help: 'the kernels count packets and bytes',
  about: 'accounting',
  sysctl: 'net.netfilter.nf_conntrack_acct',
  on: 'on: bytes and packets are counted',
  off: 'no bytes and no rates from there (once on, for connections made from then on)',
});
