import { createSubscribers, readFreshness, type Subscribers } from 'agent-identity-core/http';
import type {
  AgentDirectory,
  AgentRuntimeEntry,
  AgentTaskEntry,
  MaybePromise,
  RuntimeAgentInstanceEntry,
} from '../agent-directory.js';
import {
  directoryAgentRuntimePath,
  directoryAgentTaskPath,
  directoryFollowSecondsHeader,
  directoryRuntimeAgentInstancePath,
} from '../directory-wire/index.js';
import type { VerificationError } from '../errors.js';
import { unusableResponse } from './directory-errors.js';
import { EntryCache, type FetchedEntry } from './entry-cache.js';
import { fetchFromDirectory } from './fetch-from-directory.js';
import { type ChangeFollower, followChanges } from './follow-changes.js';
import {
  type RemoteDirectoryEffects,
  type RemoteDirectoryOptions,
  type RemoteDirectorySettings,
  resolveRemoteDirectoryOptions,
} from './remote-directory-options.js';
import { instanceResource, type Resource, readEntry, runtimeResource, taskResource } from './resources.js';

/** The directory of an authority. */
export interface RemoteDirectory extends AgentDirectory {
  findRuntimeAgentInstance(
    runtimeAgentInstanceId: string,
  ): MaybePromise<RuntimeAgentInstanceEntry | undefined>;
  /**
   * Sends one request to the authority, for a check at startup: resolves if the base URL and the access token work.
   *
   * @throws AgentIdentityError `directory_unavailable`, `directory_unauthorized`, `invalid_directory_response`
   */
  check(): Promise<void>;
  /** Ends the stream of changes, if it follows one. The directory then asks the authority as without `follow`. */
  close(): void;
}

/**
 * Creates the directory of an authority, which it requests over HTTP (see `agent-identity-verifier/directory-wire`). Create
 * one per authority and keep it: it holds the cache.
 *
 * Every verification that begins 5 s or more after a revocation refuses the agent: an entry is cached for at most
 * `maxCacheSeconds`, counted from the start of its request, and a request takes at most `timeoutSeconds`; the greater of
 * the two is the limit. After that, an outage of the authority means `directory_unavailable`, unless `staleIfErrorSeconds`
 * allows more.
 *
 * @throws AgentIdentityError `insecure_url`, `invalid_base_url`, `invalid_argument`
 * @example
 * ```ts
 * import { createAssertionVerifier } from 'agent-identity-verifier';
 * import { remoteDirectory } from 'agent-identity-verifier/remote-directory';
 *
 * async function createVerifier(accessToken: string) {
 *   const directory = remoteDirectory({ baseUrl: 'https://agents.example.com', accessToken });
 *   await directory.check(); // fails at startup if the base URL or the token is wrong
 *   return createAssertionVerifier({ directory });
 * }
 * ```
 */
export function remoteDirectory(
  options: RemoteDirectoryOptions,
  effects: RemoteDirectoryEffects = {},
): RemoteDirectory {
  const settings = resolveRemoteDirectoryOptions(options, effects);
  const { runtimes, tasks, instances, follower, changes } = createCaches(settings);
  return Object.freeze({
    findAgentRuntime(agentRuntimeId: string) {
      const path = directoryAgentRuntimePath(agentRuntimeId);
      return path === undefined ? undefined : runtimes.find(path);
    },
    findAgentTask(agentRuntimeId: string, taskId: string) {
      const path = directoryAgentTaskPath(agentRuntimeId, taskId);
      return path === undefined ? undefined : tasks.find(path);
    },
    findRuntimeAgentInstance(runtimeAgentInstanceId: string) {
      const path = directoryRuntimeAgentInstancePath(runtimeAgentInstanceId);
      return path === undefined ? undefined : instances.find(path);
    },
    async check() {
      await fetchEntry(
        settings,
        runtimeResource,
        `${directoryAgentRuntimePath('directory-check')}`,
        undefined,
      );
    },
    ...(settings.follow && { subscribe: changes.subscribe }),
    close: () => follower?.close(),
  });
}

interface Caches {
  readonly runtimes: EntryCache<AgentRuntimeEntry>;
  readonly tasks: EntryCache<AgentTaskEntry>;
  readonly instances: EntryCache<RuntimeAgentInstanceEntry>;
  readonly follower: ChangeFollower | undefined;
  readonly changes: Subscribers<string | undefined>;
}

function createCaches(settings: RemoteDirectorySettings): Caches {
  const session = () => follower?.session();
  const changes = createSubscribers<string | undefined>();
  const runtimes = createEntryCache(settings, runtimeResource, session);
  const tasks = createEntryCache(settings, taskResource, session);
  const instances = createEntryCache(settings, instanceResource, session);
  const follower = settings.follow
    ? followChanges(settings, {
        onChange(change) {
          if (change.kind === 'runtime_agent_instances') {
            instances.dropAll();
            return changes.notify(undefined);
          }
          const { agent_runtime_id: agentRuntimeId } = change;
          if (change.kind === 'agent_runtime') runtimes.drop(`${directoryAgentRuntimePath(agentRuntimeId)}`);
          else tasks.drop(`${directoryAgentTaskPath(agentRuntimeId, change.task_id)}`);
          changes.notify(agentRuntimeId);
        },
        onReset() {
          for (const cache of [runtimes, tasks, instances]) cache.dropAll();
          changes.notify(undefined);
        },
      })
    : undefined;
  return { runtimes, tasks, instances, follower, changes };
}

function createEntryCache<Wire, Entry>(
  settings: RemoteDirectorySettings,
  resource: Resource<Wire, Entry>,
  session: () => object | undefined,
): EntryCache<Entry> {
  return new EntryCache(
    (path, cached) =>
      fetchEntry(settings, resource, path, cached).catch((error: VerificationError) => {
        settings.report(error);
        throw error;
      }),
    settings.limits,
    settings.monotonicClock,
    session,
  );
}

/** @throws AgentIdentityError `directory_unavailable`, `directory_unauthorized`, `invalid_directory_response` */
async function fetchEntry<Wire, Entry>(
  settings: RemoteDirectorySettings,
  resource: Resource<Wire, Entry>,
  path: string,
  cached: FetchedEntry<Entry> | undefined,
): Promise<FetchedEntry<Entry>> {
  const { maxCacheSeconds, maxNegativeCacheSeconds } = settings.limits;
  const { notFoundCode } = resource;
  const response = await fetchFromDirectory({ path, etag: cached?.etag, notFoundCode }, settings);
  if (response.kind === 'not_found') {
    const lifetimeSeconds = requireLifetime(response.headers, maxNegativeCacheSeconds);
    return { entry: undefined, etag: undefined, lifetimeSeconds, followSeconds: 0 };
  }
  const lifetimeSeconds = requireLifetime(response.headers, maxCacheSeconds);
  const followSeconds = readFollowSeconds(response.headers);
  const etag = response.headers.get('etag') || undefined;
  if (response.kind === 'not_modified') {
    return { entry: cached?.entry, etag: etag ?? cached?.etag, lifetimeSeconds, followSeconds };
  }
  const entry = readEntry(resource, path, response.json, cached?.entry);
  return { entry, etag, lifetimeSeconds, followSeconds };
}

/**
 * Returns how long a response may be cached, in seconds from the start of its request: `max-age` or the limit, whichever is
 * less, minus the `Age` that it already had (RFC 9111 section 4.2).
 *
 * @throws AgentIdentityError `invalid_directory_response` for a response that is older than the limit
 */
function requireLifetime(headers: Headers, maxSeconds: number): number {
  const { maxAgeSeconds, ageSeconds } = readFreshness(headers);
  if (ageSeconds > maxSeconds) {
    throw unusableResponse(`a cache kept it for ${ageSeconds} s, limit ${maxSeconds} s`);
  }
  return Math.max(Math.min(maxAgeSeconds ?? maxSeconds, maxSeconds) - ageSeconds, 0);
}

/** A cache in between may have kept the response, and missed changes since: then it must not be kept. */
function readFollowSeconds(headers: Headers): number {
  const seconds = headers.get(directoryFollowSecondsHeader) ?? '';
  return /^\d{1,5}$/.test(seconds) && readFreshness(headers).ageSeconds === 0 ? Number(seconds) : 0;
}
