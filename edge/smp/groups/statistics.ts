/** Group 2: counters by group and name. */
import type { SmpCommandGroup } from '../command.ts';
import { SmpError, SmpGroup, StatisticsCommand, StatisticsError } from '../protocol.ts';
import { refuse, SmpRefusal } from '../refusal.ts';
import type { SmpStatistics } from '../types.ts';

export function statisticsGroup(statistics: SmpStatistics): SmpCommandGroup {
  return {
    id: SmpGroup.statistics,
    name: 'stat mgmt',
    commands: {
      [StatisticsCommand.show]: {
        read: ({ body }) => {
          const name = body.text('name');
          if (!name) throw refuse(SmpError.invalid);
          const fields = statistics().get(name);
          if (fields === undefined) throw new SmpRefusal(SmpGroup.statistics, StatisticsError.invalidGroup);
          return { name, fields };
        },
      },
      [StatisticsCommand.list]: { read: () => ({ stat_list: [...statistics().keys()] }) },
    },
  };
}
