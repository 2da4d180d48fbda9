import { fileURLToPath } from 'node:url';
import { temporaryFile } from 'test-support';
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
