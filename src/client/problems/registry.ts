import { accountingOff } from './kinds/accounting-off.ts';
import { agentsAway } from './kinds/agents-away.ts';
import { closeWait } from './kinds/close-wait.ts';
import { dnsUnanswered } from './kinds/dns-unanswered.ts';
import { echoUnanswered } from './kinds/echo-unanswered.ts';
import { idleServices } from './kinds/idle-services.ts';
import { localGaps } from './kinds/local-gaps.ts';
import { missingData } from './kinds/missing-data.ts';
import { portsUsedUp } from './kinds/ports-used-up.ts';
import { synUnanswered } from './kinds/syn-unanswered.ts';
import { tableDrops } from './kinds/table-drops.ts';
import { tableFilling } from './kinds/table-filling.ts';
import { udpDeadBackend } from './kinds/udp-dead-backend.ts';
import { unreadLines } from './kinds/unread-lines.ts';
import type { ProblemKind } from './problem.ts';

/** All kinds of problems that are looked for. */
export const PROBLEM_KINDS: readonly ProblemKind[] = [
  synUnanswered,
  dnsUnanswered,
  echoUnanswered,
  udpDeadBackend,
  idleServices,
  localGaps,
  tableFilling,
  tableDrops,
  closeWait,
  portsUsedUp,
  accountingOff,
  agentsAway,
  missingData,
  unreadLines,
];
