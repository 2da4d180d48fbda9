import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorityStore } from 'agent-identity-authority-core';
import { toWireAuditEntry } from 'agent-identity-authority-core/admin-wire';
import { toCursor } from 'agent-identity-authority-core/store';
import { systemErrorCode } from 'agent-identity-core/http';
import type { DestinationStream, Logger } from 'pino';
import { programError } from '../errors.js';

/** Dependencies of a sink. */
export interface AuditSinkParts {
  readonly store: Pick<AuthorityStore, 'listAuditEntries'>;
  /** Where to write the entries: a path, or `-` for the stream of the log; `undefined` for no sink. */
  readonly file?: string | undefined;
  /** Where to remember the position. Default: `FILE.position`; required for the stream. */
  readonly positionFile?: string | undefined;
  readonly log: DestinationStream;
  readonly logger: Logger;
}

interface OpenSink extends Pick<AuditSinkParts, 'store' | 'log'> {
  readonly file: string;
  readonly positionFile: string;
}

const entriesPerStep = 1000;
const millisecondsBetweenSteps = 500;
const millisecondsAfterFailure = 5000;

/**
 * Writes the entries of the audit log as JSON lines, oldest first, each at least once: the position is saved after the lines. The
 * file is opened anew for each step, so it may be renamed and compressed meanwhile.
 *
 * @returns a function that ends the sink after the step that is under way
 * @throws AgentIdentityError `invalid_configuration` if the position cannot be read or saved
 */
export async function startAuditSink(parts: AuditSinkParts): Promise<() => Promise<void>> {
  const { file, store, log, logger } = parts;
  if (file === undefined) return async () => {};
  const positionFile = parts.positionFile ?? (file === '-' ? undefined : `${file}.position`);
  if (positionFile === undefined) {
    throw programError('invalid_configuration', 'auditSink.positionFile: required with standard output');
  }
  const sink = { store, log, file, positionFile };
  let next = await readPosition(positionFile);
  await savePosition(positionFile, next);
  const stopping = new AbortController();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let pause = millisecondsBetweenSteps;
      try {
        const written = await writeStep(sink, next);
        next += written;
        if (written === entriesPerStep) pause = 0;
      } catch (err) {
        pause = millisecondsAfterFailure;
        logger.error({ err }, 'the audit log could not be written to its sink; nothing is lost');
      }
      await sleep(pause, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  }

  const running = run();
  return async () => {
    stopping.abort();
    await running;
  };
}

/** Writes the next entries, and returns how far the position moved. */
async function writeStep({ store, file, positionFile, log }: OpenSink, next: number): Promise<number> {
  const after = next === 0 ? {} : { cursor: toCursor([next - 1]) };
  const { items } = await store.listAuditEntries({ order: 'oldest_first', limit: entriesPerStep, ...after });
  const last = items.at(-1);
  if (last === undefined) return 0;
  const lines = items.map((entry) => `${JSON.stringify({ audit: toWireAuditEntry(entry) })}\n`);
  if (file === '-') for (const line of lines) log.write(line);
  else await appendDurably(file, lines.join(''));
  await savePosition(positionFile, last.index + 1);
  return last.index + 1 - next;
}

async function appendDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  try {
    // The rest of a line that a crash cut off stays a line of its own.
    const isNewLine = await endsWithNewLine(file);
    await handle.writeFile(isNewLine ? text : `\n${text}`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function endsWithNewLine(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size === 0) return true;
    const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: size - 1 });
    return buffer.toString() === '\n';
  } finally {
    await handle.close();
  }
}

async function readPosition(positionFile: string): Promise<number> {
  let text: string;
  try {
    text = (await readFile(positionFile, 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw unusable(positionFile, systemErrorCode(error) ?? 'unreadable');
  }
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw unusable(positionFile, 'expected the index of an entry');
}

/** All or nothing: a crash leaves the old position, and entries are written twice. */
async function savePosition(positionFile: string, position: number): Promise<void> {
  try {
    await writeFile(`${positionFile}.new`, `${position}\n`, { mode: 0o600, flush: true });
    await rename(`${positionFile}.new`, positionFile);
  } catch (error) {
    throw unusable(positionFile, systemErrorCode(error) ?? 'unwritable');
  }
}

function unusable(positionFile: string, reason: string): Error {
  return programError('invalid_configuration', `auditSink.positionFile: ${positionFile}: ${reason}`);
}
