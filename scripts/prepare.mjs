/**
 * What npm runs after it has installed a checkout, and npx each time that it starts a program from one: builds, if anything changed since
 * the last time. JavaScript, so that a Node.js that is too old gets as far as the message.
 */
import { existsSync } from 'node:fs';
import { env, exit, stderr, versions } from 'node:process';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = versions.node.split('.').map(Number);
const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Without the development packages: that is what was asked for, and no reason to fail, except for npx, which then has no program. */
function leave(message) {
  const isAsked = /\bdev\b/.test(env.npm_config_omit ?? '') || env.NODE_ENV === 'production';
  const isBuilt = existsSync(file('dist/client/main.js'));
  stderr.write(`kflow ${isBuilt ? 'is not built again' : 'is not built'}: ${message}\n`);
  exit(isBuilt || (isAsked && env.npm_command !== 'exec') ? 0 : 1);
}

if (major < 22 || (major === 22 && minor < 19))
  leave(`its build needs Node.js 22.19 or newer; this is ${versions.node}`);
const { build, canBuild, isUpToDate } = await import('./build.ts');
if (isUpToDate()) exit(0);
if (!canBuild()) leave('its build needs the development packages: run `npm ci` without --omit=dev');
try {
  await build({ force: false, sourceMaps: true });
} catch (error) {
  stderr.write(`build: ${error.message}\n`);
  exit(1);
}
