import { inspect } from 'node:util';
import { isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument, isHeaderSafe, requireKnownOptions, requireMethods } from 'agent-identity-core/http';
import type { ActorAuth } from 'agent-identity-core/wire';
import type { AgentActor, MaybePromise } from 'agent-identity-verifier';
import type { Authenticator } from '../authentication/authenticator.js';
import { authorityError } from '../errors.js';
import { isStorableText } from '../store/storable-text.js';
import { type OnFailure, toUnavailable } from '../to-unavailable.js';

/** The organization and the project that a client selected with an API key. */
export interface ActorSelection {
  readonly organizationId: string | undefined;
  readonly projectId: string | undefined;
}

/** Finds whom the credential of a registration acts for (docs/protocol-instances.md section 2). */
export interface ActorAuthenticator {
  /**
   * Returns the actor, or `undefined` for a credential that is not valid (401). If a client selected an organization or a
   * project, the actor must be in it; the authority checks that.
   *
   * Throw an `AgentIdentityError` with the code `runtime_actor_source_inactive` (403) for a valid credential of an account
   * that is not active. Anything else that is thrown means that the credential cannot be checked now (503).
   *
   * @param credential **Secret.** Visible ASCII characters without spaces.
   */
  authenticate(credential: string, selection: ActorSelection): MaybePromise<AgentActor | undefined>;
}

/** The actor authenticators of an authority, by type of credential. A type without one is refused (401). */
export interface ActorAuthenticators {
  /** ChatGPT access tokens. Default: the authority's `authenticator`; its accounts become `chatgpt` actors. */
  readonly oauth?: ActorAuthenticator | undefined;
  /** API keys. Default: none. See `credentialDigests` and `credentialIntrospection`. */
  readonly platformApiKey?: ActorAuthenticator | undefined;
  /** Personal access tokens, which begin with `at-`. Default: none. */
  readonly personalAccessToken?: ActorAuthenticator | undefined;
}

/**
 * Checks the options.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireActorAuthenticators(
  actors: ActorAuthenticators,
  authenticator: Authenticator,
): ActorAuthenticators {
  requireKnownOptions(actors, ['oauth', 'platformApiKey', 'personalAccessToken'], 'actors');
  for (const [name, value] of Object.entries(actors)) {
    if (value !== undefined)
      requireMethods(value, ['authenticate'], `actors.${name}`, 'an ActorAuthenticator');
  }
  const { oauth = accountActors(authenticator), platformApiKey, personalAccessToken } = actors;
  return { oauth, platformApiKey, personalAccessToken };
}

function accountActors(authenticator: Authenticator): ActorAuthenticator {
  return {
    async authenticate(credential) {
      const account = await authenticator.authenticate(credential);
      return account && { kind: 'chatgpt', userId: account.chatgptUserId, accountId: account.accountId };
    },
  };
}

/**
 * Finds the actor of a credential, and requires that it is in the selected organization and project.
 *
 * @throws AgentIdentityError `runtime_actor_invalid`, `runtime_actor_source_inactive`, `runtime_actor_conflict`,
 * `authenticator_unavailable`
 */
export async function authenticateActor(
  actorAuth: ActorAuth,
  actors: ActorAuthenticators,
  onFailure: OnFailure,
): Promise<AgentActor> {
  const { credential } = actorAuth;
  const selection = selectionOf(actorAuth);
  const actor = await toUnavailable(
    'authenticator_unavailable',
    () => callAuthenticator(authenticatorOf(actorAuth, actors), credential, selection),
    (failure) => onFailure(withoutCredential(failure, credential)),
  );
  if (actor === 'inactive') {
    throw authorityError('runtime_actor_source_inactive', 'The account of the credential is not active.');
  }
  if (actor === undefined) throw authorityError('runtime_actor_invalid', 'The credential is not valid.');
  requireSelected(actor, selection);
  return actor;
}

function authenticatorOf({ type }: ActorAuth, actors: ActorAuthenticators): ActorAuthenticator | undefined {
  switch (type) {
    case 'oauth':
      return actors.oauth;
    case 'platform_api_key':
      return actors.platformApiKey;
    case 'personal_access_token':
      return actors.personalAccessToken;
  }
}

function selectionOf(actorAuth: ActorAuth): ActorSelection {
  const { organization_id: organizationId, project_id: projectId } =
    actorAuth.type === 'platform_api_key' ? actorAuth : {};
  return { organizationId, projectId };
}

async function callAuthenticator(
  authenticator: ActorAuthenticator | undefined,
  credential: string,
  selection: ActorSelection,
): Promise<AgentActor | 'inactive' | undefined> {
  if (authenticator === undefined || !/^[\x21-\x7e]+$/.test(credential)) return undefined;
  try {
    const actor = await authenticator.authenticate(credential, selection);
    if (actor !== undefined) requireActor(actor);
    return actor;
  } catch (error) {
    // `insufficient_scope`: the token of an authenticator for accounts is valid but lacks the required role.
    if (isAgentIdentityError(error, 'runtime_actor_source_inactive', 'insufficient_scope')) return 'inactive';
    throw error;
  }
}

/** A mistake of the authenticator, which is not the client's fault: 503. */
function requireActor({ kind, ...ids }: AgentActor): void {
  if (kind !== 'chatgpt' && kind !== 'platform') {
    throw invalidArgument('actor.kind', '"chatgpt" or "platform"', kind);
  }
  const names = kind === 'chatgpt' ? ['userId', 'accountId'] : ['userId', 'organizationId', 'projectId'];
  requireKnownOptions(ids, names, 'actor');
  for (const name of names) {
    const id: unknown = Reflect.get(ids, name);
    if (name === 'projectId' && id === null) continue;
    if (!isStorableText(id)) {
      throw invalidArgument(`actor.${name}`, 'well-formed text of up to 512 characters without NUL', id);
    }
    // Clients send it in a header.
    if (name === 'accountId' && !isHeaderSafe(id)) {
      throw invalidArgument(`actor.${name}`, 'visible ASCII characters without spaces', id);
    }
  }
}

/** @throws AgentIdentityError `runtime_actor_conflict` */
function requireSelected(actor: AgentActor, { organizationId, projectId }: ActorSelection): void {
  const { organizationId: ownOrganization, projectId: ownProject } =
    actor.kind === 'platform' ? actor : { organizationId: undefined, projectId: undefined };
  if (organizationId !== undefined && organizationId !== ownOrganization) {
    throw authorityError(
      'runtime_actor_conflict',
      'The credential does not belong to the selected organization.',
    );
  }
  if (projectId !== undefined && projectId !== ownProject) {
    throw authorityError('runtime_actor_conflict', 'The credential does not belong to the selected project.');
  }
}

/** Replaces an error that quotes the credential, anywhere in it, by one that does not. */
function withoutCredential(failure: unknown, credential: string): unknown {
  const text = inspect(failure, { depth: 10, maxStringLength: Number.POSITIVE_INFINITY, showHidden: true });
  const forms = [credential, encodeURIComponent(credential)];
  if (!forms.some((form) => text.includes(form))) return failure;
  const message = failure instanceof Error ? failure.message : 'the authenticator failed';
  return new Error(forms.reduce((clean, form) => clean.replaceAll(form, '[redacted]'), message));
}
