import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JwtSigner } from 'agent-identity-authority-core';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('./jwt-signer-process.mjs', import.meta.url));

/** A signer in another process, as a key management service would be. */
export interface JwtSignerProcess {
  readonly signer: JwtSigner;
  /** What was sent to the process. */
  readonly digests: readonly string[];
  /** Ends the process, and with it the key. */
  kill(): Promise<void>;
}

/** Starts a process with a new RSA key until the test is over. Only digests are sent to it. */
export async function startJwtSigner(): Promise<JwtSignerProcess> {
  const child = fork(program, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  const [{ publicJwk }] = (await once(child, 'message')) as [Pick<JwtSigner, 'publicJwk'>];
  const digests: string[] = [];
  const sign: JwtSigner['sign'] = async (signingInput, { signal }) => {
    const digest = createHash('sha256').update(signingInput).digest('base64');
    digests.push(digest);
    return ask(child, { id: digests.length, digest }, signal);
  };
  return { signer: { publicJwk, sign }, digests, kill };
}

function ask(
  child: ChildProcess,
  request: { readonly id: number; readonly digest: string },
  signal: AbortSignal,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: { id: number; signature: string }) => {
      if (answer.id !== request.id) return;
      child.off('message', onMessage);
      resolve(Buffer.from(answer.signature, 'base64'));
    };
    child.on('message', onMessage);
    child.once('exit', () => reject(new Error('the process of the signer has ended')));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    child.send(request, (error) => error && reject(error));
  });
}
