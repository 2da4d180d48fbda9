import type { AuditLogPage, WireAuditEntry } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { ListTable } from '../../parts/list-table.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useList } from '../use-load.js';

/** What the audit log has about an agent, newest first. */
export function AgentEntries(props: {
  readonly api: Api;
  readonly agentRuntimeId: string;
  readonly changes: number;
}): JSX.Element {
  const { api, agentRuntimeId, changes } = props;
  const { title, columns, empty } = texts.agent.entries;
  const entries = useList<WireAuditEntry>(
    async (cursor) => {
      const query = { agent_runtime_id: agentRuntimeId, order: 'newest_first', limit: '20', cursor };
      const page = await api.get<AuditLogPage>('v1/admin/audit', query);
      return { items: page.entries, nextCursor: page.next_cursor };
    },
    [api, agentRuntimeId, changes],
  );
  return (
    <section class="card" aria-labelledby="entries">
      <h2 id="entries">{title}</h2>
      <ListTable
        list={entries}
        label={title}
        columns={columns}
        empty={empty}
        keyOf={(entry) => entry.index}
        cells={(entry) => [
          entry.index,
          <Time key="at" at={entry.at} />,
          <code key="action">{entry.action}</code>,
          entry.actor,
        ]}
      />
    </section>
  );
}
