import type { AdminTask, AdminTaskPage } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../parts/confirm-dialog.js';
import { ListTable } from '../../parts/list-table.js';
import { Status } from '../../parts/status.js';
import { Time } from '../../parts/time.js';
import { texts } from '../../texts.js';
import type { Api } from '../api.js';
import { useRights } from '../rights.js';
import { type LoadedList, useList } from '../use-load.js';

/** The tasks of an agent, newest first. */
export function AgentTasks(props: {
  readonly api: Api;
  /** Of the agent. */
  readonly path: string;
  /** Grows with each change of the agent, which may end its tasks. */
  readonly changes: number;
  readonly onChanged: () => void;
}): JSX.Element {
  const { api, path, changes, onChanged } = props;
  const { mayOperate } = useRights();
  const [revoking, setRevoking] = useState<string>();
  const { title, columns, empty, revoke, revokeTask } = texts.agent.tasks;
  const tasks = useTasks(api, path, changes);
  return (
    <section class="card" aria-labelledby="tasks">
      <h2 id="tasks">{title}</h2>
      <ListTable
        list={tasks}
        label={title}
        columns={columns}
        empty={empty}
        keyOf={(task) => task.task_id}
        cells={(task) => [
          <code key="id">{task.task_id}</code>,
          <Status key="status" status={task.status} />,
          <Time key="created" at={task.created_at} />,
          <Time key="seen" at={task.last_seen_at} />,
          mayOperate && task.status === 'live' && (
            <button
              key="revoke"
              type="button"
              class="small danger"
              aria-label={revokeTask(task.task_id)}
              onClick={() => setRevoking(task.task_id)}
            >
              {revoke.confirm}
            </button>
          ),
        ]}
      />
      {revoking !== undefined && (
        <ConfirmDialog
          {...revoke}
          onConfirm={async () => {
            await api.post(`${path}/tasks/${encodeURIComponent(revoking)}/revoke`);
            onChanged();
          }}
          onClose={() => setRevoking(undefined)}
        />
      )}
    </section>
  );
}

function useTasks(api: Api, path: string, changes: number): LoadedList<AdminTask> {
  return useList<AdminTask>(
    async (cursor) => {
      const page = await api.get<AdminTaskPage>(`${path}/tasks`, { cursor, limit: '20' });
      return { items: page.tasks, nextCursor: page.next_cursor };
    },
    [api, path, changes],
  );
}
