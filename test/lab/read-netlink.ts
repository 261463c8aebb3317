/** Reads this network namespace's table by netlink, and writes the reading as JSON: for `readNetlink`. */
import { stdout } from 'node:process';
import type { ConntrackEntry } from '../../src/agent/conntrack/entry.ts';
import { SocketMessages } from '../../src/agent/conntrack/netlink/message-source.ts';
import { NetlinkSource } from '../../src/agent/conntrack/netlink/netlink-source.ts';
import { loadSocketCalls } from '../../src/agent/conntrack/netlink/socket.ts';
import { TableUpdater } from '../../src/agent/polling/table-updater.ts';
import { readSource } from './read-table.ts';

const source = new NetlinkSource(new SocketMessages(await loadSocketCalls()));
const reading = await readSource(source);

class Ids extends TableUpdater {
  readonly ids: number[] = [];

  override add(entry: ConntrackEntry): void {
    this.ids.push(entry.kernelId);
    super.add(entry);
  }
}
const ids = new Ids();
ids.begin(0, 0);
await source.read(ids);
stdout.write(JSON.stringify({ ...reading, ids: ids.ids, info: await source.readInfo() }));
