import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFile, temporaryFolder } from 'test-support';
import { ensureInstalled, findProgram } from 'test-support/ensure-installed';
import { expect, it } from 'vitest';
import { readConfiguration } from '../../dist/configuration/read-configuration.js';
import { settings } from '../../dist/configuration/settings.js';
import { packageFile } from '../support/start-server.js';

const pathOf = (file: string) => fileURLToPath(new URL(`../../deploy/${file}`, import.meta.url));

it('the shipped settings file is valid, also with its commented settings', async () => {
  const sources = { flags: {}, environment: {} };
  const { configuration } = await readConfiguration({ ...sources, file: pathOf('authority.toml') });
  expect(configuration).toMatchObject({
    store: 'pglite:/var/lib/agent-identity-authority',
    host: '127.0.0.1',
  });
  const toml = await packageFile('deploy/authority.toml');
  const uncommented = toml.replaceAll(/^# (?=\[|\w+ = )/gm, '');
  expect(uncommented).toContain('\n[agents]\nissuer');
  const whole = await readConfiguration({ ...sources, file: await temporaryFile(uncommented) });
  expect(whole.configuration.administrators.requiredValue).toBe('agent-identity-admin');
});

it.each(['agent-identity-authority.service', 'Containerfile'])(
  '%s sets only known variables',
  async (file) => {
    const text = await packageFile(`deploy/${file}`);
    const variables = [...text.matchAll(/\bAIA_[A-Z_]+(?==)/g)].map(([name]) => name);
    expect(variables.length).toBeGreaterThan(2);
    const known = settings.map(({ environment }) => environment);
    expect(variables.filter((name) => !known.includes(name))).toEqual([]);
  },
);

it('the systemd unit waits longer than the drain may take', async () => {
  const unit = await packageFile('deploy/agent-identity-authority.service');
  const { configuration } = await readConfiguration({
    flags: {},
    environment: {},
    file: pathOf('authority.toml'),
  });
  const { delaySeconds, timeoutSeconds } = configuration.drain;
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(
    delaySeconds + timeoutSeconds + 5,
  );
});

it('systemd finds no mistake in the systemd unit, and takes it for well confined', async () => {
  const hint = 'This test needs systemd-analyze: apt-get install systemd.';
  const analyze = await ensureInstalled(() => findProgram('systemd-analyze'), ['systemd'], hint);
  const unit = await packageFile('deploy/agent-identity-authority.service');
  const file = join(await temporaryFolder(), 'agent-identity-authority.service');
  // It looks for the program and the manual, which are elsewhere here.
  await writeFile(file, unit.replace('/usr/bin/node', process.execPath).replace(/^Documentation=.*$/m, ''));
  const run = promisify(execFile);
  const { stdout, stderr } = await run(analyze, ['verify', file]);
  expect(stdout + stderr).not.toContain('agent-identity-authority.service');
  // The exposure level times ten, from 0 to 100; a unit without settings has 96. Above it, the exit code is 1.
  await run(analyze, ['security', '--offline=true', '--threshold=20', file]);
}, 300_000);
