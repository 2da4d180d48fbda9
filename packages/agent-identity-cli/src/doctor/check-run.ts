import type { SessionAuth } from 'provider-auth';
import { commandLineError } from '../errors.js';
import type { CommandIo } from '../program/command-io.js';
import { type IdentityOptions, loadIdentity } from '../session/identity-options.js';
import { type Finding, failed, passed } from './finding.js';

/** What a signed request is tried on. */
export interface RunOptions extends IdentityOptions {
  readonly url?: string;
}

/** Loads the identity, registers a task, and sends a signed request if there is a URL. */
export async function* checkRun(options: RunOptions, io: CommandIo): AsyncGenerator<Finding, void> {
  let auth: SessionAuth;
  try {
    auth = await loadIdentity(options, io);
    const { reason } = auth.describe();
    yield passed('identity', `${auth.kind}: ${reason}`);
    yield await checkTask(auth, options.url);
  } catch (error) {
    yield failed('identity', error);
    return;
  }
  if (options.url !== undefined)
    yield await checkRequest(auth, options.url, io).catch((error) => failed('request', error));
}

async function checkTask(auth: SessionAuth, url: string | undefined): Promise<Finding> {
  const { defineProvider, resolveProviderAuth } = await import('provider-auth');
  const baseUrl = url === undefined ? 'https://chatgpt.com/backend-api/codex' : new URL(url).origin;
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  await resolved.prepare();
  const { credential, actingAgent } = resolved.describe();
  if (actingAgent === undefined) return passed('credential', `requests carry a ${credential}`);
  return passed('task', `${actingAgent.agentRuntimeId} acts under ${actingAgent.taskId}`);
}

async function checkRequest(auth: SessionAuth, url: string, { fetch }: CommandIo): Promise<Finding> {
  const { providerFetch } = await import('provider-auth');
  const send = providerFetch(auth, { kind: 'first_party', baseUrl: new URL(url).origin }, { fetch });
  const response = await send(url);
  const { status } = response;
  // The query may hold a secret.
  const { origin, pathname } = new URL(url);
  const place = `${origin}${pathname}`;
  const text = await response.text();
  const [, code = 'no code'] = /"code"\s*:\s*"(\w{1,64})"/.exec(text) ?? [];
  if (status === 401 || status === 403) {
    return failed('request', commandLineError('request_refused', `${place}: status ${status}, ${code}`));
  }
  if (status === 429 || status >= 500) {
    return failed('request', commandLineError('request_unavailable', `${place}: status ${status}`));
  }
  return passed('request', `${place}: status ${status}`);
}
