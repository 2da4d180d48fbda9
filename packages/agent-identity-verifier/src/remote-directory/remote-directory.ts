import type { AgentDirectory } from '../agent-directory.js';
import { directoryAgentRuntimePath, directoryAgentTaskPath } from '../directory-wire.js';
import type { VerificationError } from '../errors.js';
import { AnswerCache, type Ask, type CachedAnswer } from './answer-cache.js';
import { type AnswerKind, agentRuntimes, agentTasks, readEntry } from './answer-kinds.js';
import { answerLifetimeSeconds } from './answer-lifetime.js';
import { askDirectory, noAnswer } from './ask-directory.js';
import {
  type RemoteDirectoryEffects,
  type RemoteDirectoryOptions,
  type RemoteDirectorySettings,
  remoteDirectorySettings,
} from './remote-directory-options.js';

/**
 * The directory of an authority, asked over HTTP (see `directory-wire`). Make one per authority and keep it: it holds
 * the cache.
 *
 * A verification that begins 5 s or more after a revocation refuses: answers are relied on for `maxCacheSeconds` at
 * most, counted from when they were asked for, and are waited for no longer than `timeoutSeconds`; the greater of the two
 * is the bound. An authority that is out of reach then means `directory_unavailable`, unless `staleIfErrorSeconds` says
 * otherwise.
 *
 * @throws AgentIdentityError `insecure_url`, `invalid_argument`
 */
export function remoteDirectory(
  options: RemoteDirectoryOptions,
  effects: RemoteDirectoryEffects = {},
): AgentDirectory {
  const settings = remoteDirectorySettings(options, effects);
  const runtimes = answersOf(settings, agentRuntimes);
  const tasks = answersOf(settings, agentTasks);
  return Object.freeze({
    findAgentRuntime(agentRuntimeId: string) {
      const path = directoryAgentRuntimePath(agentRuntimeId);
      return path === undefined ? undefined : runtimes.find(path);
    },
    findAgentTask(agentRuntimeId: string, taskId: string) {
      const path = directoryAgentTaskPath(agentRuntimeId, taskId);
      return path === undefined ? undefined : tasks.find(path);
    },
  });
}

function answersOf<Wire, Entry>(
  settings: RemoteDirectorySettings,
  kind: AnswerKind<Wire, Entry>,
): AnswerCache<Entry> {
  const ask: Ask<Entry> = (path, held) =>
    getAnswer(settings, kind, path, held).catch((error: VerificationError) => {
      settings.onFailure(error);
      throw error;
    });
  return new AnswerCache(ask, settings.limits, settings.clock);
}

/** @throws AgentIdentityError `directory_unavailable` */
async function getAnswer<Wire, Entry>(
  settings: RemoteDirectorySettings,
  kind: AnswerKind<Wire, Entry>,
  path: string,
  held: CachedAnswer<Entry> | undefined,
): Promise<CachedAnswer<Entry>> {
  const { maxCacheSeconds, maxNegativeCacheSeconds } = settings.limits;
  const answer = await askDirectory({ path, etag: held?.etag, notFoundCode: kind.notFoundCode }, settings);
  const lifetimeSeconds = answerLifetimeSeconds(
    answer.headers,
    answer.kind === 'not_found' ? maxNegativeCacheSeconds : maxCacheSeconds,
  );
  if (lifetimeSeconds === undefined) throw noAnswer('a cache on the way kept it for too long');
  if (answer.kind === 'not_found') return { entry: undefined, etag: undefined, lifetimeSeconds };
  const etag = answer.headers.get('etag') || undefined;
  if (answer.kind === 'not_modified') {
    return { entry: held?.entry, etag: etag ?? held?.etag, lifetimeSeconds };
  }
  return { entry: readEntry(kind, path, answer.json, held?.entry), etag, lifetimeSeconds };
}
