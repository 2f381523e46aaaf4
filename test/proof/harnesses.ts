/** The harnesses that are proven: contracts of the same name in this folder. */
export const harnesses = ['Licence', 'Decoder', 'Device', 'Grant', 'Escrow', 'Stream', 'Budget', 'Streak'];
