// Drawn anew by each process, so that nobody can make connections whose fingerprints clash.
export const SEED_LOW = (Math.random() * 0x1_0000_0000) | 0;
export const SEED_HIGH = (Math.random() * 0x1_0000_0000) | 0;
