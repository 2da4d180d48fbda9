import type { AuditLogPage, WireAuditEntry } from 'agent-identity-authority-core/admin-wire';
import { auditActions } from 'agent-identity-authority-core/log';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ListTable } from '../../parts/list-table.js';
import { SelectField } from '../../parts/select-field.js';
import { TextField } from '../../parts/text-field.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { linkTo } from '../routing.js';
import { type LoadedList, useList, useRepeated } from '../use-load.js';
import { CheckpointCard } from './checkpoint-card.js';
import { ProofDialog } from './proof-dialog.js';

type Filter = Readonly<Record<string, string>>;

/** The audit log, newest entry first, as it grows; and what this page can check of it. */
export function LogPage({ api, query }: { readonly api: Api; readonly query: Filter }): JSX.Element {
  const [isFollowing, setFollowing] = useState(true);
  const [verifierKey, setVerifierKey] = useState('');
  const [proving, setProving] = useState<WireAuditEntry>();
  const list = useEntries(api, query);
  useRepeated(list.reload, 2, isFollowing);
  const { title, columns, empty, follow } = texts.log;
  // A new first page would drop the older ones.
  const more =
    list.more &&
    (() => {
      setFollowing(false);
      list.more?.();
    });
  return (
    <>
      <h1>{title}</h1>
      <CheckpointCard
        api={api}
        newest={list.items?.[0]?.index}
        verifierKey={verifierKey}
        onVerifierKey={setVerifierKey}
      />
      <FilterForm key={JSON.stringify(query)} query={query} />
      <section class="card" aria-label={title}>
        <label class="check">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={(event) => setFollowing(event.currentTarget.checked)}
          />
          {follow}
        </label>
        <ListTable
          list={{ ...list, more }}
          label={title}
          columns={columns}
          empty={empty}
          keyOf={(entry) => entry.index}
          cells={(entry) => cellsOf(entry, setProving)}
        />
      </section>
      {proving !== undefined && (
        <ProofDialog
          api={api}
          entry={proving}
          verifierKey={verifierKey}
          onClose={() => setProving(undefined)}
        />
      )}
    </>
  );
}

function useEntries(api: Api, { agent_runtime_id, action }: Filter): LoadedList<WireAuditEntry> {
  return useList<WireAuditEntry>(
    async (cursor) => {
      const asked = { agent_runtime_id, action, order: 'newest_first', limit: '50', cursor };
      const page = await api.get<AuditLogPage>('v1/admin/audit', asked);
      return { items: page.entries, nextCursor: page.next_cursor };
    },
    [api, agent_runtime_id, action],
  );
}

function cellsOf(entry: WireAuditEntry, onProve: (entry: WireAuditEntry) => void): ComponentChildren[] {
  const { agent_runtime_id: agent, task_id: task } = entry;
  const { prove, proveEntry } = texts.log;
  const details = Object.entries(entry.details).map(([name, value]) => `${name}: ${value}`);
  return [
    entry.index,
    <Time key="at" at={entry.at} />,
    <code key="action">{entry.action}</code>,
    entry.actor,
    agent === null ? (
      texts.none
    ) : (
      <a key="agent" class="mono" href={linkTo('agents', agent)}>
        {agent}
      </a>
    ),
    [...(task === null ? [] : [`task: ${task}`]), ...details].join(', ') || texts.none,
    <button
      key="prove"
      type="button"
      class="small"
      aria-label={proveEntry(entry.index)}
      onClick={() => onProve(entry)}
    >
      {prove}
    </button>,
  ];
}

function FilterForm({ query }: { readonly query: Filter }): JSX.Element {
  const [filter, setFilter] = useState(query);
  const { title, agent, action, anyAction, apply, clear } = texts.log.filter;
  const field = (name: string) => ({
    value: filter[name] ?? '',
    set: (value: string) => setFilter({ ...filter, [name]: value }),
  });
  const [agentField, actionField] = [field('agent_runtime_id'), field('action')];
  return (
    <form
      class="card filter"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = linkTo('log', undefined, filter);
      }}
    >
      <TextField label={agent} value={agentField.value} onInput={agentField.set} />
      <SelectField
        label={action}
        value={actionField.value}
        options={[['', anyAction], ...auditActions.map((each) => [each, each] as const)]}
        onChange={actionField.set}
      />
      <div class="buttons">
        <button type="submit" class="main">
          {apply}
        </button>
        <a class="button" href={linkTo('log')}>
          {clear}
        </a>
      </div>
    </form>
  );
}
