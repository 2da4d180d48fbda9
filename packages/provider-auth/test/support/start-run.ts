import type { HttpEffects } from 'agent-identity-core/http';
import {
  type CreateRunScopeOptions,
  createRunScope,
  defineProvider,
  loadAuth,
  type ResolvedProviderAuth,
  type RunEvent,
  type RunScope,
  resolveProviderAuth,
  type SessionAuth,
} from 'provider-auth';
import { clock, type FirstParty } from './first-party.js';

/** A run against the servers of `firstParty`, and the events that its observers received. */
export interface Run {
  readonly auth: SessionAuth;
  readonly resolved: ResolvedProviderAuth;
  readonly scope: RunScope;
  readonly events: RunEvent[];
}

/** A fixed clock, and waits that end at once. */
export const stillEffects: HttpEffects = { clock, sleep: async () => {}, random: () => 0.5 };

/** Loads the record and resolves the first-party provider; the run task is registered over HTTP. */
export async function startRun(
  { authapi, provider, record }: FirstParty,
  options: CreateRunScopeOptions = {},
  effects: HttpEffects = stillEffects,
): Promise<Run> {
  const events: RunEvent[] = [];
  const observers = [{ onEvent: (event: RunEvent) => events.push(event) }, ...(options.observers ?? [])];
  const scope = createRunScope({ ...options, observers }, effects);
  const auth = await loadAuth({ record, authapiBaseUrl: authapi.authapiBaseUrl, scope });
  const firstPartyProvider = defineProvider({ kind: 'first_party', baseUrl: provider.baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider: firstPartyProvider });
  return { auth, resolved, scope, events };
}
