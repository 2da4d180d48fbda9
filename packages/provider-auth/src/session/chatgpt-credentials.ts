import { untilAborted } from 'agent-identity-core/http';
import { readAgentIdentity } from 'agent-identity-registry';
import type { AuthStore, ChatgptAuth } from 'chatgpt-auth';
import { assertionSource } from '../credentials/assertion-source.js';
import { openBearerSource, readBearerHeaders } from '../credentials/bearer-source.js';
import type { InstanceCredential } from '../instances/instance-binder.js';
import { AgentRun } from '../run/agent-run.js';
import type { RunScopeState } from '../run/run-scope.js';
import { openStoredIdentity } from '../run/stored-identity.js';
import { isTerminalError } from '../run/terminal-refusal.js';
import { bootstrapOrFallBack, mayBootstrap } from './bootstrap-or-fall-back.js';
import { chatgptEffects } from './find-credentials.js';
import type { ResolvedLoadAuthOptions } from './resolve-load-auth-options.js';
import type { SessionCredentials } from './session-auth.js';
import { registrationOptions } from './start-agent-identity.js';

/** A ChatGPT login in one run: with the run's clock and effects. */
interface LoginInRun {
  readonly chatgpt: ChatgptAuth;
  /** Unset until it is needed. Resolves to `undefined` if the login uses its bearer token. */
  run: Promise<AgentRun | undefined> | undefined;
}

/**
 * Opens the credentials of a ChatGPT login: an agent identity if the policy allows one, else the bearer token. In every
 * run, the login is the one that was loaded, even if the store holds another one later.
 */
export function openChatgptCredentials(
  login: { readonly chatgpt: ChatgptAuth; readonly store: AuthStore; readonly reason: string },
  options: ResolvedLoadAuthOptions,
): SessionCredentials {
  const stored = openStoredIdentity(login.store);
  const runs = new WeakMap<RunScopeState, LoginInRun>();

  async function startRun(chatgpt: ChatgptAuth, scope: RunScopeState): Promise<AgentRun | undefined> {
    const auth = await bootstrapOrFallBack(chatgpt, scope);
    if (auth === undefined) return undefined;
    const registrar = () => ({
      identity: readAgentIdentity(auth.record),
      options: registrationOptions(options),
    });
    return new AgentRun({ auth, registrar, stored }, scope);
  }

  function loginIn(scope: RunScopeState): LoginInRun {
    const known = runs.get(scope);
    if (known !== undefined) return known;
    const chatgpt = login.chatgpt.withEffects(chatgptEffects(scope));
    const opened: LoginInRun = { chatgpt, run: undefined };
    runs.set(scope, opened);
    return opened;
  }

  /** Starts once per run, and again only after a failure that may pass. */
  function runOf(opened: LoginInRun, scope: RunScopeState): Promise<AgentRun | undefined> {
    if (opened.run !== undefined) return opened.run;
    opened.run = startRun(opened.chatgpt, scope);
    opened.run.catch((error: unknown) => {
      if (isTerminalError(error)) return;
      opened.run = undefined;
      runs.delete(scope);
    });
    return opened.run;
  }

  return {
    kind: 'chatgpt',
    async openSource(scope, { signal }) {
      const opened = loginIn(scope);
      const { chatgpt } = opened;
      const run = await untilAborted(runOf(opened, scope), signal);
      const reason = `${login.reason}; ${describeChoice(chatgpt, run)}`;
      return run === undefined
        ? openBearerSource(reason, chatgpt, scope, signal)
        : assertionSource(reason, run, scope);
    },
    openInstanceCredential: (scope) => instanceCredentialOf(loginIn(scope).chatgpt),
  };
}

/** Only a managed login can be refreshed. */
function instanceCredentialOf(chatgpt: ChatgptAuth): InstanceCredential {
  const isManaged = chatgpt.credentials.kind === 'chatgpt';
  return {
    type: 'oauth',
    readBearer: (waiting) => readBearerHeaders(chatgpt, waiting),
    replaceToken: isManaged
      ? (refusedAccessToken, waiting) =>
          chatgpt.refreshTokens({ refusedAccessToken, signal: waiting ?? undefined })
      : undefined,
  };
}

function describeChoice(chatgpt: ChatgptAuth, run: AgentRun | undefined): string {
  if (run !== undefined) return 'the policy chatgpt-auth allows it an agent identity';
  if (mayBootstrap(chatgpt)) {
    return 'agent identity was unavailable, so the session has fallen back to its bearer token';
  }
  return chatgpt.policy === 'chatgpt-auth'
    ? 'its tokens are supplied from outside, so it gets no agent identity'
    : 'the policy jwt-only allows it no agent identity';
}
