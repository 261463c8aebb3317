import { settingCheck } from './setting.ts';

export const timestamps = settingCheck({
  id: 'timestamps',
  help: 'the kernels keep when a connection began',
  about: 'timestamping',
  sysctl: 'net.netfilter.nf_conntrack_timestamp',
  on: 'on: ages are those of the connections',
  off: 'ages count from when the agent first saw a connection',
});
