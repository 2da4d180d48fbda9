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
} from 'provider-auth';
import { clock, type FirstParty } from './first-party.js';

/** A run against the servers of `firstParty`, and what its observers were told. */
export interface Run {
  readonly resolved: ResolvedProviderAuth;
  readonly scope: RunScope;
  readonly events: RunEvent[];
}

/** Effects that stand still: a fixed clock, and waits that nobody waits for. */
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
  return { resolved: await resolveProviderAuth({ auth, provider: firstPartyProvider }), scope, events };
}
