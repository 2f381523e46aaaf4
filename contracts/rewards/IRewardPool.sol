// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Weekly rewards
 * @notice Epochs are weeks from Monday 05:00 UTC, counted from 0, the week in which the pool was set up.
 *
 *     None --postRoot(poster)--> Challenged --48 hours--> Claimable --claimWeeks--> Ended --sweep(anyone)--> Swept
 *     Challenged --veto(guardian or DIP)--> None, to be posted anew
 *
 * A poster submits (root, total, hash of the published inputs) within POSTING_WEEKS of the week's end. Whoever doubts
 * it computes the root from the inputs and calls on the guardian. Each week has its own root and its own total, so a
 * bad root costs at most one week's emission and never another week's drivers.
 *
 * A vote takes 13 days, so within 48 hours only a guardian can veto. The AccessManager's guardian role does not lapse
 * as the governor's guardian does; a platform that gives it to nobody should set a challenge of 14 days or more.
 *
 * Leaves, nodes being sorted pairs and `index` counting all leaves of an epoch from 0:
 *
 *     a reward   keccak256(keccak256(abi.encode(chainId, pool, epoch, index, account, amount)))
 *     a bounty   keccak256(keccak256(abi.encode(BOUNTY_LEAF, chainId, pool, epoch, index, platform, amount)))
 *
 * They differ in length before they are hashed, so neither can pass for the other, nor for a node. In TypeScript,
 * OpenZeppelin's SimpleMerkleTree over these hashes gives the same root and proofs; see tools/rewards.
 *
 * Bounty leaves carry `bountyShareBasisPoints` of what vehicles without a listed decoder for their platform earned.
 * Whether there was a decoder is judged at the epoch's end, in the published inputs. A bounty that nobody wins comes
 * back here by Bounties.refund and may be set aside again.
 */
interface IRewardPool {
    /// @param root Merkle root; zero where nothing is posted.
    /// @param inputsHash SHA-256 of the published inputs, from which anyone can recompute the root.
    /// @param remaining What is not yet claimed or swept.
    /// @param total Sum of all amounts.
    /// @param claimableFrom Unix time at which the challenge window ends.
    /// @param claimableUntil Unix time from which the rest may be swept.
    struct Epoch {
        bytes32 root;
        bytes32 inputsHash;
        uint96 remaining;
        uint96 total;
        uint40 claimableFrom;
        uint40 claimableUntil;
    }

    /// @notice The first three hold for epochs that begin after they were set, the last two for roots posted afterwards.
    /// @param weeklyInitial Base units in each week of year 0.
    /// @param yearlyBasisPoints A year's emission as parts in 10,000 of the year before.
    /// @param bountyShareBasisPoints Parts in 10,000 of an undecoded vehicle's reward that go to its platform's bounty.
    /// @param challengeSeconds How long a posted root can be vetoed: 1 hour to 30 days.
    /// @param claimWeeks How long it can be claimed afterwards: 1 to 520.
    struct Parameters {
        uint96 weeklyInitial;
        uint16 yearlyBasisPoints;
        uint16 bountyShareBasisPoints;
        uint32 challengeSeconds;
        uint16 claimWeeks;
    }

    event RootPosted(uint256 indexed epoch, bytes32 root, uint256 total, bytes32 inputsHash, uint40 claimableFrom);
    event RootVetoed(uint256 indexed epoch, bytes32 root, string reason);
    event RewardClaimed(uint256 indexed epoch, uint256 indexed index, address indexed account, uint256 amount);
    event BountyClaimed(uint256 indexed epoch, uint256 indexed index, bytes32 indexed platform, uint256 amount);
    event EpochSwept(uint256 indexed epoch, uint256 amount);
    /// @param fromEpoch The first epoch whose emission and bounty share follow these.
    event ParametersSet(Parameters parameters, uint256 fromEpoch);

    error EpochNotOver(uint256 epoch, uint256 endsAt);
    error PostingOver(uint256 epoch, uint256 postableUntil);
    error RootAlreadyPosted(uint256 epoch, bytes32 root);
    error RootNotPosted(uint256 epoch);
    /// @notice A root is not zero and its total is 1 to the epoch's emission.
    error RootInvalid(uint256 epoch, bytes32 root, uint256 total, uint256 emission);
    error PoolShort(uint256 total, uint256 available);
    error ChallengeOver(uint256 epoch, uint256 claimableFrom);
    error NotClaimable(uint256 epoch, uint256 claimableFrom, uint256 claimableUntil);
    error AlreadyClaimed(uint256 epoch, uint256 index);
    error ProofInvalid(uint256 epoch, uint256 index, address account, uint256 amount);
    error BountyProofInvalid(uint256 epoch, uint256 index, bytes32 platform, uint256 amount);
    /// @notice The leaves of this root sum to more than its total.
    error EpochExhausted(uint256 epoch, uint256 amount, uint256 remaining);
    error NotSweepable(uint256 epoch, uint256 claimableUntil);
    error ParametersInvalid(Parameters parameters);

    /// @notice Posts the result of a week that is over, and sets its total aside. Restricted to the poster's role.
    /// @param total Sum of all amounts, at most the epoch's emission.
    /// @param inputsHash SHA-256 of the published inputs.
    function postRoot(uint256 epoch, bytes32 root, uint96 total, bytes32 inputsHash) external;

    /// @notice Removes a root within its challenge window; another one may be posted. Restricted.
    function veto(uint256 epoch, string calldata reason) external;

    /// @notice Pays an account its reward. Anyone may send it.
    function claim(uint256 epoch, uint256 index, address account, uint256 amount, bytes32[] calldata proof) external;

    /// @notice Pays a platform's share into its decoder bounty. Anyone may send it.
    function claimForBounty(
        uint256 epoch,
        uint256 index,
        bytes32 platform,
        uint256 amount,
        bytes32[] calldata proof
    ) external;

    /// @notice Sends what nobody claimed in time to the treasury. Anyone may send it: time, amount and receiver are fixed.
    function sweep(uint256 epoch) external;

    /// @notice Changes the terms of weeks and roots to come. Restricted.
    function setParameters(Parameters calldata parameters) external;

    /// @notice What may be paid out for an epoch: weeklyInitial x (yearlyBasisPoints / 10,000)^year, rounded down
    /// each year; a year is 52 epochs. A later change of the parameters leaves it as it was when the epoch began.
    function emissionOf(uint256 epoch) external view returns (uint256);

    /// @notice Parts in 10,000 of an undecoded vehicle's reward of this epoch that go to its platform's bounty.
    function bountyShareOf(uint256 epoch) external view returns (uint256);

    function epochOf(uint256 epoch) external view returns (Epoch memory);

    /// @notice The epoch that is running.
    function currentEpoch() external view returns (uint256);

    /// @return Unix time of the epoch's end, a Monday 05:00 UTC.
    function endOf(uint256 epoch) external view returns (uint256);

    function isClaimed(uint256 epoch, uint256 index) external view returns (bool);

    /// @return Whether a reward leaf belongs to a root that stands: posted, and no longer open to a veto. Stays true
    /// after the reward was claimed or swept.
    function verifyLeaf(
        uint256 epoch,
        uint256 index,
        address account,
        uint256 amount,
        bytes32[] calldata proof
    ) external view returns (bool);

    function leafOf(uint256 epoch, uint256 index, address account, uint256 amount) external view returns (bytes32);

    function bountyLeafOf(
        uint256 epoch,
        uint256 index,
        bytes32 platform,
        uint256 amount
    ) external view returns (bytes32);

    /// @notice As last set.
    function parameters() external view returns (Parameters memory);

    /// @notice Tokens set aside for posted epochs: the sum of what remains of each.
    function reserved() external view returns (uint256);
}
