import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { files } from './cases/files.ts';
import { plugins } from './cases/plugins.ts';
import { transport } from './cases/transport.ts';
import { users } from './cases/users.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { compare, type Outcome } from './compare.ts';
import { findKubectl } from './programs.ts';

const kubectl = findKubectl();
const skip = kubectl === undefined ? 'there is no kubectl in PATH to compare with' : false;
const TABLES = { files, users, plugins, transport };

describe('kflow and kubectl do the same with one kubeconfig', { skip, concurrency: true }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-conformance-'));
  const outcomes: Outcome[] = [];
  let certificates: Certificates;
  before(() => {
    certificates = makeCertificates(folder);
  });
  after(() => {
    rmSync(folder, { recursive: true });
    const count = (outcome: Outcome) => outcomes.filter((each) => each === outcome).length;
    console.log(
      `${outcomes.length} kubeconfigs: ${count('the same requests')} accepted, ${count('both refuse')} refused`,
    );
  });
  for (const [table, cases] of Object.entries(TABLES)) {
    describe(table, { concurrency: 3 }, () => {
      for (const each of cases) {
        it(each.name, { timeout: 60_000 }, async () => {
          assert.ok(kubectl !== undefined);
          outcomes.push(await compare(kubectl, certificates, each));
        });
      }
    });
  }
});
