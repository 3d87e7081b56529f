#!/bin/bash
# A corpus on a Slurm cluster; source and corpus lie on a file system that all nodes share.
#
#   sbatch examples/slurm.sh
#
# --requeue: a job that is preempted, or runs out of time and is submitted again, continues where it was.
#SBATCH --job-name=underpaint
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --mem=32G
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
set -euo pipefail

# The nodes may have processors of several kinds, which must write the same bytes.
export UNDERPAINT_PORTABLE=1
# Homes are shared, and slow: kernels are compiled once on each node instead, into its own memory.
export NUMBA_CACHE_DIR=/dev/shm/$USER-numba
port=6379
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)

srun --nodes=1 --ntasks=1 --nodelist="$head" --overlap \
    ray start --head --node-ip-address="$head" --port=$port --num-cpus="$SLURM_CPUS_PER_TASK" --block &
sleep 20
if [ "$SLURM_JOB_NUM_NODES" -gt 1 ]; then
    srun --nodes=$((SLURM_JOB_NUM_NODES - 1)) --ntasks=$((SLURM_JOB_NUM_NODES - 1)) --exclude="$head" --overlap \
        ray start --address="$head:$port" --num-cpus="$SLURM_CPUS_PER_TASK" --block &
fi
sleep 20

# `exec`: the SIGTERM that comes two minutes before the end goes to the driver, which keeps what is finished and ends.
exec srun --nodes=1 --ntasks=1 --nodelist="$head" --overlap \
    underpaint-data generate --address "$head:$port" --source /data/pictures --out /data/corpus --size 512 "$@"
