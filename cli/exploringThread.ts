/** The first argument of a thread of the program, which explores what the command line gives it. */
export const exploringThread = 'exploring-thread';
