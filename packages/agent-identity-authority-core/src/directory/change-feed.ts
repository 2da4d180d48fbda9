import type { Clock } from 'agent-identity-core';
import { ignoringErrors } from 'agent-identity-core/http';
import type { DirectoryChange } from 'agent-identity-verifier/directory-wire';
import type { AuditAction } from '../audit/audit-entry.js';
import type { AuditRow } from '../audit/audit-row.js';
import type { AuditStore } from '../audit/audit-store.js';

/** What a follower of the directory is told, in this order. */
export type FeedEvent =
  | { readonly kind: 'change'; readonly change: DirectoryChange }
  | { readonly kind: 'position' | 'reset'; readonly after: number };

/** Tells verifiers what has changed. It reads the audit log, and only while somebody follows. */
export interface ChangeFeed {
  /**
   * Follows all changes after a position; from now on without one.
   *
   * @param onEnd Called when the feed is closed.
   * @returns ends it
   */
  follow(after: number | undefined, onEvent: (event: FeedEvent) => void, onEnd: () => void): () => void;
  /** Ends all followers. */
  close(): void;
}

/** Dependencies of a feed. */
export interface ChangeFeedParts {
  readonly store: Pick<AuditStore, 'auditLogPosition' | 'readAuditRows'>;
  readonly monotonicClock: Clock;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const pollMilliseconds = 100;
const failedMilliseconds = 1000;
const positionMilliseconds = 1000;
/** An entry that waits longer for its place than this keeps positions back: verifiers then ask. */
const maxWaitMilliseconds = 1500;
/** A follower that missed more changes starts anew. */
const maxRows = 1000;

interface Follower {
  readonly onEvent: (event: FeedEvent) => void;
  readonly onEnd: () => void;
  /** Set until the follower has been told what it missed. */
  joinsAfter: number | 'now' | undefined;
}

/** Creates a feed that nobody follows yet. */
export function createChangeFeed(parts: ChangeFeedParts): ChangeFeed {
  const followers = new Set<Follower>();
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    const reader = createLogFollower(parts);
    while (followers.size > 0) {
      try {
        await tellFollowers(reader, followers);
        await parts.sleep(pollMilliseconds);
      } catch {
        // The store reports its failures. Without positions, verifiers ask.
        await parts.sleep(failedMilliseconds);
      }
    }
    isRunning = false;
  }

  return {
    follow(after, onEvent, onEnd) {
      const follower: Follower = { onEvent, onEnd, joinsAfter: after ?? 'now' };
      followers.add(follower);
      if (!isRunning) void run();
      return () => void followers.delete(follower);
    },
    close() {
      for (const { onEnd } of followers) ignoringErrors(onEnd);
      followers.clear();
    },
  };
}

async function tellFollowers(log: LogFollower, followers: Set<Follower>): Promise<void> {
  const known = [...followers];
  const joined = known.filter(({ joinsAfter }) => joinsAfter === undefined);
  const joining = known.filter(({ joinsAfter }) => joinsAfter !== undefined);
  const { events, position } = await log.read();
  for (const follower of joined) tell(follower, events, followers);
  for (const follower of joining) {
    const missed = await log.eventsSince(follower.joinsAfter, position);
    follower.joinsAfter = undefined;
    tell(follower, missed, followers);
  }
}

/** Whatever happens to one follower, the others must be told: these events come only once. */
function tell(follower: Follower, events: readonly FeedEvent[], followers: Set<Follower>): void {
  for (const event of events) {
    if (!followers.has(follower)) return;
    try {
      follower.onEvent(event);
    } catch {
      followers.delete(follower);
      ignoringErrors(follower.onEnd);
    }
  }
}

interface LogFollower {
  /** Reads what is new. There is no `position` among the events while changes wait for their places too long. */
  read(): Promise<{ readonly events: readonly FeedEvent[]; readonly position: number }>;
  /** What someone missed who knows all before `after`, up to the position that was read last. */
  eventsSince(after: number | 'now' | undefined, position: number): Promise<readonly FeedEvent[]>;
}

function createLogFollower({ store, monotonicClock }: ChangeFeedParts): LogFollower {
  let position: number | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  let isLate = false;
  const checkLateness = createLatenessCheck(monotonicClock);
  const positionEvent = (after: number): FeedEvent[] => (isLate ? [] : [{ kind: 'position', after }]);

  return {
    async read() {
      const { size, nextWaiting } = await store.auditLogPosition();
      isLate = checkLateness(nextWaiting);
      const from = position ?? size;
      const rows = size > from ? await store.readAuditRows(from, maxRows, actions) : [];
      position = rows.length < maxRows ? size : lastIndexOf(rows) + 1;
      // A log that became shorter was restored from a backup.
      const events: FeedEvent[] = size < from ? [{ kind: 'reset', after: size }] : rows.map(toEvent);
      if (events.length > 0 || monotonicClock() - toldAt >= positionMilliseconds) {
        events.push(...positionEvent(position));
        toldAt = monotonicClock();
      }
      return { events, position };
    },
    async eventsSince(after, until) {
      const reset: FeedEvent[] = [{ kind: 'reset', after: until }, ...positionEvent(until)];
      if (typeof after !== 'number' || after > until) return reset;
      if (after === until) return positionEvent(until);
      const [first] = await store.readAuditRows(after, 1);
      const rows = await store.readAuditRows(after, maxRows, actions);
      if (first?.index !== after || rows.length === maxRows) return reset;
      return [...rows.filter(({ index }) => index < until).map(toEvent), ...positionEvent(until)];
    },
  };
}

function lastIndexOf(rows: readonly AuditRow[]): number {
  return Math.max(...rows.map(({ index }) => index));
}

/** Measures how long the same entry has been next to get a place. */
function createLatenessCheck(monotonicClock: Clock): (nextWaiting: string | undefined) => boolean {
  let waiting: { readonly id: string; readonly since: number } | undefined;
  return (nextWaiting) => {
    if (nextWaiting !== waiting?.id) {
      waiting = nextWaiting === undefined ? undefined : { id: nextWaiting, since: monotonicClock() };
    }
    return waiting !== undefined && monotonicClock() - waiting.since > maxWaitMilliseconds;
  };
}

/** The actions that change what verifiers know. */
const actions: readonly AuditAction[] = [
  'agent_runtime_suspended',
  'agent_runtime_resumed',
  'agent_runtime_revoked',
  'agent_runtime_key_changed',
  'agent_task_revoked',
  'runtime_agent_instances_suspended',
  'runtime_agent_instances_resumed',
  'runtime_agent_instances_revoked',
];

function toEvent({ agentRuntimeId, taskId }: AuditRow): FeedEvent {
  return { kind: 'change', change: toChange(agentRuntimeId, taskId) };
}

function toChange(agentRuntimeId: string | null, taskId: string | null): DirectoryChange {
  if (agentRuntimeId === null) return { kind: 'runtime_agent_instances' };
  if (taskId === null) return { kind: 'agent_runtime', agent_runtime_id: agentRuntimeId };
  return { kind: 'agent_task', agent_runtime_id: agentRuntimeId, task_id: taskId };
}
