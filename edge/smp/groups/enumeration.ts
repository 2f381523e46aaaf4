/** Group 10: which groups there are, itself among them. */
import type { SmpCommandGroup } from '../command.ts';
import { EnumerationCommand, EnumerationError, SmpError, SmpGroup } from '../protocol.ts';
import { refuse, SmpRefusal } from '../refusal.ts';

/** @param groups read at each request: the list that this group is in */
export function enumerationGroup(groups: () => readonly SmpCommandGroup[]): SmpCommandGroup {
  return {
    id: SmpGroup.enumeration,
    name: 'enum mgmt',
    commands: {
      [EnumerationCommand.count]: { read: () => ({ count: groups().length }) },
      [EnumerationCommand.list]: { read: () => ({ groups: groups().map(({ id }) => id) }) },
      [EnumerationCommand.single]: {
        read: ({ body }) => {
          const index = body.unsigned('index') ?? 0;
          const group = groups()[index];
          if (group === undefined) throw new SmpRefusal(SmpGroup.enumeration, EnumerationError.indexTooLarge);
          return { group: group.id, end: index === groups().length - 1 ? true : undefined };
        },
      },
      [EnumerationCommand.details]: {
        read: ({ body }) => {
          const wanted = body.list('groups') ?? [];
          if (!wanted.every((id) => typeof id === 'number')) throw refuse(SmpError.invalid);
          const told = wanted.length === 0 ? groups() : groups().filter(({ id }) => wanted.includes(id));
          return { groups: told.map((group) => ({ group: group.id, name: group.name, handlers: handlersOf(group) })) };
        },
      },
    },
  };
}

/** The length of the group's table: numbers that no command has count as well, up to the highest that one has. */
function handlersOf({ commands }: SmpCommandGroup): number {
  const ids = Object.keys(commands).map(Number);
  return 1 + Math.max(-1, ...ids.filter((id) => commands[id] !== undefined));
}
