import { readFile } from 'node:fs/promises';
import { type StartAuthorityServerOptions, startAuthorityServer } from 'agent-identity-authority/server';
import { onTestFinished } from 'vitest';

export interface StartedServer {
  readonly url: string;
  readonly operationsUrl: string;
  readonly port: number;
  stop(): Promise<void>;
  /** The log so far. */
  log(): string;
}

export const serverAdminToken = 'admin-token-of-the-server-0123456789';
const serverVerifierToken = 'verifier-token-of-the-server-01234567';

/** Starts a server over a memory store, on free ports, until the test is over or `whenDone` calls back. */
export async function startServer(
  settings: StartAuthorityServerOptions = {},
  whenDone: (end: () => Promise<void>) => void = onTestFinished,
): Promise<StartedServer> {
  const lines: string[] = [];
  const server = await startAuthorityServer({
    store: 'memory:',
    port: 0,
    operationsPort: 0,
    administrators: { token: serverAdminToken },
    verifiers: { token: serverVerifierToken },
    ...settings,
    log: { write: (line) => lines.push(line) },
  });
  whenDone(() => server.stop());
  return {
    ...server,
    port: Number(new URL(server.url).port),
    log: () => lines.join(''),
  };
}

/** Reads a file of the package. */
export function packageFile(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}
