// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Weekly rewards
 * @notice Epochs are weeks from Monday 05:00 UTC, counted from 0, the week in which the pool was set up. After its end a
 * poster submits (root, total, hash of the published inputs); for 48 hours it can be vetoed and posted anew; then
 * it can be claimed for a number of weeks; the rest goes to the treasury.
 *
 * A leaf is keccak256(keccak256(abi.encode(chainId, pool, epoch, index, account, amount))), nodes are sorted pairs. In
 * TypeScript, OpenZeppelin's StandardMerkleTree.of(rows, ['uint256', 'address', 'uint256', 'uint256', 'address',
 * 'uint256']) gives the same root and proofs. `index` counts the leaves of an epoch from 0.
 */
interface IRewardPool {
    /// @param root Merkle root; zero where nothing is posted.
    /// @param inputsHash SHA-256 of the published inputs, from which anyone can recompute the root.
    /// @param remaining What is not yet claimed or swept.
    /// @param claimableFrom Unix time at which the challenge window ends.
    /// @param claimableUntil Unix time from which the rest may be swept.
    /// @param total Sum of all amounts.
    struct Epoch {
        bytes32 root;
        bytes32 inputsHash;
        uint128 remaining;
        uint40 claimableFrom;
        uint40 claimableUntil;
        uint128 total;
    }

    /// @param weeklyInitial Base units in each week of year 0.
    /// @param yearlyBasisPoints A year's emission as parts in 10,000 of the year before.
    /// @param challengeSeconds How long a posted root can be vetoed.
    /// @param claimWeeks How long it can be claimed afterwards.
    struct Parameters {
        uint128 weeklyInitial;
        uint16 yearlyBasisPoints;
        uint40 challengeSeconds;
        uint16 claimWeeks;
    }

    event RootPosted(uint256 indexed epoch, bytes32 root, uint256 total, bytes32 inputsHash, uint40 claimableFrom);
    event RootVetoed(uint256 indexed epoch, bytes32 root, string reason);
    event RewardClaimed(uint256 indexed epoch, uint256 indexed index, address indexed account, uint256 amount);
    event EpochSwept(uint256 indexed epoch, uint256 amount);
    event ParametersSet(Parameters parameters);

    error EpochNotOver(uint256 epoch, uint256 endsAt);
    error RootAlreadyPosted(uint256 epoch, bytes32 root);
    error RootNotPosted(uint256 epoch);
    /// @notice A root is not zero and its total is 1 to the epoch's emission.
    error RootInvalid(uint256 epoch, bytes32 root, uint256 total, uint256 emission);
    error PoolShort(uint256 total, uint256 available);
    error ChallengeOver(uint256 epoch, uint256 claimableFrom);
    error NotClaimable(uint256 epoch, uint256 claimableFrom, uint256 claimableUntil);
    error AlreadyClaimed(uint256 epoch, uint256 index);
    error ProofInvalid(uint256 epoch, uint256 index, address account, uint256 amount);
    /// @notice The leaves of this root sum to more than its total.
    error EpochExhausted(uint256 epoch, uint256 amount, uint256 remaining);
    error NotSweepable(uint256 epoch, uint256 claimableUntil);
    error ParametersInvalid(Parameters parameters);

    /// @notice Posts the result of a week that is over, and sets its total aside. Restricted to the poster's role.
    /// @param total Sum of all amounts, at most the epoch's emission.
    /// @param inputsHash SHA-256 of the published inputs.
    function postRoot(uint256 epoch, bytes32 root, uint128 total, bytes32 inputsHash) external;

    /// @notice Removes a root within its challenge window; another one may be posted. Restricted.
    function veto(uint256 epoch, string calldata reason) external;

    /// @notice Pays an account its reward. Anyone may send it.
    function claim(uint256 epoch, uint256 index, address account, uint256 amount, bytes32[] calldata proof) external;

    /// @notice Sends what nobody claimed in time to the treasury. Restricted.
    function sweep(uint256 epoch) external;

    /// @notice Changes the terms of roots posted from now on. Restricted.
    function setParameters(Parameters calldata parameters) external;

    /// @notice What may be paid out for an epoch: weeklyInitial x (yearlyBasisPoints / 10,000)^year, rounded down
    /// each year; a year is 52 epochs.
    function emissionOf(uint256 epoch) external view returns (uint256);

    function epochOf(uint256 epoch) external view returns (Epoch memory);

    /// @notice The epoch that is running.
    function currentEpoch() external view returns (uint256);

    /// @return Unix time of the epoch's end, a Monday 05:00 UTC.
    function endOf(uint256 epoch) external view returns (uint256);

    function isClaimed(uint256 epoch, uint256 index) external view returns (bool);

    function leafOf(uint256 epoch, uint256 index, address account, uint256 amount) external view returns (bytes32);

    function parameters() external view returns (Parameters memory);

    /// @notice Tokens set aside for posted epochs.
    function reserved() external view returns (uint256);
}
