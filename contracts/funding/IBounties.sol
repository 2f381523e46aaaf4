// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Bounties for decoders of vehicle platforms
 * @notice Anyone funds a platform. The first payment opens a round that lasts `lifetimeSeconds`; when it ends without an
 * award, everyone may take back what they paid. A vote takes some 13 days, so a work revealed later than that comes too late.
 * An award names the least it may pay: a round that lapses while the vote runs could be followed by one of dust.
 *
 * An author commits to a work, and reveals it at least one block later. The earliest commitment to a work holds, so who
 * copies a revealed work out of the mempool comes too late. The award is a DIP, the one that lists the decoder.
 */
interface IBounties {
    /// @param total Base units held.
    /// @param endsAt Unix time at which the round ends.
    /// @param awarded Whether it was paid out.
    struct Round {
        uint128 total;
        uint40 endsAt;
        bool awarded;
    }

    /// @param author Who committed first.
    /// @param blockNumber Of that commitment.
    struct Work {
        address author;
        uint48 blockNumber;
    }

    event BountyFunded(bytes32 indexed platform, uint256 indexed round, address indexed funder, uint128 amount);
    event WorkCommitted(bytes32 indexed commitment, address indexed sender);
    event WorkRevealed(bytes32 indexed platform, bytes32 indexed contentHash, address indexed author);
    event BountyAwarded(
        bytes32 indexed platform,
        uint256 indexed round,
        bytes32 indexed contentHash,
        address payee,
        uint256 amount
    );
    event BountyRefunded(bytes32 indexed platform, uint256 indexed round, address indexed funder, uint256 amount);
    event LifetimeSet(uint40 lifetimeSeconds);

    error AmountInvalid(uint256 amount);
    error PlatformInvalid(bytes32 platform);
    error PayeeInvalid(address payee);
    error CommitmentKnown(bytes32 commitment);
    error CommitmentUnknown(bytes32 commitment);
    error CommitmentTooRecent(bytes32 commitment, uint256 blockNumber);
    error WorkAlreadyRevealed(bytes32 platform, bytes32 contentHash, address author);
    error WorkNotRevealed(bytes32 platform, bytes32 contentHash);
    /// @notice The platform has no round with something in it that may still be awarded.
    error NothingToAward(bytes32 platform);
    /// @notice Refunds open when a round has ended without an award.
    error RefundsClosed(bytes32 platform, uint256 round, uint256 endsAt);
    /// @notice The round holds less than the vote meant to pay.
    error BountyBelowMinimum(bytes32 platform, uint256 amount, uint256 amountMin);
    error NothingToRefund(bytes32 platform, uint256 round, address funder);
    error LifetimeInvalid(uint256 lifetimeSeconds);

    /// @notice Pays into a platform's bounty (allowance needed); opens a new round when none is running.
    /// @param platform Key as in the DecoderRegistry; not zero.
    function fund(bytes32 platform, uint128 amount) external;

    /// @notice Commits to a work without showing it.
    /// @param commitment `commitmentOf(platform, contentHash, author, salt)`.
    function commit(bytes32 commitment) external;

    /// @notice Shows a committed work, at least one block later. Anyone may send it; the author is who was committed.
    function reveal(bytes32 platform, bytes32 contentHash, address author, bytes32 salt) external;

    /// @notice Pays a platform's bounty for a revealed work. Restricted.
    /// @param amountMin What the round must hold at least.
    /// @return amount What the round held.
    function award(
        bytes32 platform,
        bytes32 contentHash,
        address payee,
        uint256 amountMin
    ) external returns (uint256 amount);

    /// @notice Returns to a funder what they paid into a round that came to nothing. Anyone may send it.
    function refund(bytes32 platform, uint256 round, address funder) external;

    /// @notice How long rounds opened from now on last. Restricted.
    function setLifetime(uint40 lifetimeSeconds) external;

    /// @return Number of the platform's latest round, from 1; 0 where it never had one.
    function roundCount(bytes32 platform) external view returns (uint256);

    function roundOf(bytes32 platform, uint256 round) external view returns (Round memory);

    /// @notice What an award to the platform would pay now.
    function balanceOf(bytes32 platform) external view returns (uint256);

    function contributionOf(bytes32 platform, uint256 round, address funder) external view returns (uint256);

    function workOf(bytes32 platform, bytes32 contentHash) external view returns (Work memory);

    function lifetimeSeconds() external view returns (uint40);

    function commitmentOf(
        bytes32 platform,
        bytes32 contentHash,
        address author,
        bytes32 salt
    ) external view returns (bytes32);
}
