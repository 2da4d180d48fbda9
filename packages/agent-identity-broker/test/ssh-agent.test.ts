import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readSshPublicKey } from 'agent-identity-core';
import { enrollAgent } from 'agent-identity-registry';
import { createSshAgentSigner } from 'agent-identity-registry/ssh-agent';
import { loadAuth } from 'provider-auth';
import { temporaryFile } from 'test-support';
import { startSshAgent } from 'test-support/ssh-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessToken, startScene } from './support/start-scene.js';

const program = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const abom = { agent_version: '1.0.0', agent_harness_id: 'test', running_location: 'cli-linux' };

let agent: Awaited<ReturnType<typeof startSshAgent>>;

beforeAll(async () => {
  agent = await startSshAgent();
}, 60_000);
afterAll(() => agent.stop());

/** An identity whose key only the ssh-agent has. */
async function enroll(comment: string, authapiBaseUrl: string) {
  const key = await agent.addKey(comment);
  const signer = createSshAgentSigner({
    socketPath: agent.socketPath,
    publicKey: readSshPublicKey(key.line),
  });
  return { ...key, signer, record: await enrollAgent({ authapiBaseUrl, accessToken, abom, signer }) };
}

function runProgram(words: readonly string[], environment: Readonly<Record<string, string>>) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { PATH: process.env['PATH'], CODEX_HOME: '/nonexistent', ...environment };
    execFile(process.execPath, [program, ...words], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

describe('a broker whose key an ssh-agent holds', () => {
  it('signs the requests of a command that cannot reach the agent', async () => {
    const { authapiBaseUrl, serviceUrl } = await startScene();
    const { record, publicKeyFile, fingerprint } = await enroll('program', authapiBaseUrl);
    const recordFile = await temporaryFile(JSON.stringify(record));
    const script =
      'curl -sS -H "Authorization: Bearer $OPENAI_API_KEY" "$OPENAI_BASE_URL/models"; printenv SSH_AUTH_SOCK || echo " none"';
    const words = [
      '--base-url',
      serviceUrl,
      '--authapi-base-url',
      authapiBaseUrl,
      '--record-file',
      recordFile,
    ];
    for (const key of [publicKeyFile, fingerprint]) {
      const environment = { SSH_AUTH_SOCK: agent.socketPath };
      const ran = await runProgram([...words, '--ssh-agent', key, '--', 'sh', '-c', script], environment);
      expect(ran).toEqual({
        code: 0,
        stdout: expect.stringMatching(
          new RegExp(`^{"agentRuntimeId":"${record.agent_runtime_id}",.*} none\n$`),
        ),
        stderr: '',
      });
    }
    const refusals = [
      await runProgram([...words, '--ssh-agent', publicKeyFile, '--', 'true'], {}),
      await runProgram(['--ssh-agent', publicKeyFile, '--', 'true'], { SSH_AUTH_SOCK: agent.socketPath }),
      await runProgram([...words, '--jwt-file', recordFile, '--', 'true'], {}),
    ];
    expect(refusals.map(({ code }) => code)).toEqual([2, 2, 2]);
  });

  it('answers 503 while the agent is locked, and goes on afterwards', async () => {
    const scene = await startScene();
    const { signer, record } = await enroll('locked', scene.authapiBaseUrl);
    let now = Date.now();
    const auth = await loadAuth(
      { record, signer, authapiBaseUrl: scene.authapiBaseUrl },
      { clock: () => now },
    );
    const { send } = await startScene(undefined, { auth, provider: scene.broker.describe().provider });
    expect((await send('/v1/models')).status).toBe(200);
    await agent.lock();
    now += 1000;
    const refused = await send('/v1/models');
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('signer_unavailable');
    await agent.unlock();
    expect((await send('/v1/models')).status).toBe(200);
  });
});
