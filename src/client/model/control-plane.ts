/** A node of the control plane has one of these; the second is of Kubernetes before 1.24. */
export const CONTROL_PLANE_LABELS = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
] as const;
