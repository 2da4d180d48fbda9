import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from 'test-support';
import { expect, onTestFinished } from 'vitest';
import { account } from '../../end-to-end/start-agent.js';

const bin = fileURLToPath(new URL('bin.js', import.meta.resolve('agent-identity-verifier')));

/** Starts the program `agent-identity-verifier serve` with one rule. */
export async function startVerifier(authorityUrl: string, token: string) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'verifier.token'), token);
  const settings = {
    listen: { port: 0 },
    authority: { url: authorityUrl, accessTokenFile: 'verifier.token' },
    rules: [{ methods: ['GET', 'POST'], path: '/v1/**', accounts: [account.accountId] }],
  };
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
  const child = spawn(process.execPath, [bin, 'serve', '--settings', join(folder, 'settings.json')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  };
  onTestFinished(stop);
  const lines = createInterface(child.stdout);
  const [line] = await once(lines, 'line');
  return { url: JSON.parse(String(line)).url as string, stop };
}
