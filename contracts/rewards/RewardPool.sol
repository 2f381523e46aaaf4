// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Governed} from "../common/Governed.sol";
import {IBounties} from "../funding/IBounties.sol";
import {EscrowMath} from "./EscrowMath.sol";
import {IRewardPool} from "./IRewardPool.sol";

/// @title Weekly rewards
contract RewardPool is IRewardPool, Governed {
    using SafeERC20 for IERC20;
    using BitMaps for BitMaps.BitMap;
    using Checkpoints for Checkpoints.Trace208;

    uint256 public constant WEEKS_PER_YEAR = 52;
    uint16 public constant BASIS_POINTS = 10_000;
    /// @notice How long after its end a week can be posted: an outage and a vote to replace the poster fit into it, and
    /// a poster gone bad can't sell the weeks of years in which nobody posted.
    uint256 public constant POSTING_WEEKS = 8;
    uint32 public constant CHALLENGE_SECONDS_MIN = 1 hours;
    uint32 public constant CHALLENGE_SECONDS_MAX = 30 days;
    uint16 public constant CLAIM_WEEKS_MAX = 520;
    bytes32 public constant BOUNTY_LEAF = keccak256("dimo.rewards.bounty-leaf");
    /// @dev The first Monday 05:00 UTC of Unix time: 1970-01-05.
    uint256 private constant FIRST_MONDAY = 4 days + 5 hours;

    /// @dev An Epoch without its end, so that a claim touches two slots.
    struct Posted {
        bytes32 root;
        uint96 remaining;
        uint96 total;
        uint40 claimableFrom;
        uint16 claimWeeks;
        bytes32 inputsHash;
    }

    /// @custom:storage-location erc7201:dimo.storage.RewardPool
    struct Layout {
        IERC20 token;
        uint96 reserved;
        address treasury;
        uint40 startsAt;
        uint32 challengeSeconds;
        uint16 claimWeeks;
        IBounties bounties;
        Checkpoints.Trace208 schedule;
        mapping(uint256 epoch => Posted) epochs;
        mapping(uint256 epoch => BitMaps.BitMap) claimed;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.RewardPool")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0xc02bc3bff8c99f81ca8ebe5195bcad9d8e0b7fc93f69d626ecea29cfa4f8c100;

    /// @param authority_ AccessManager.
    /// @param token_ ERC-20 paid out.
    /// @param treasury_ Receives what nobody claims.
    /// @param bounties_ Receives the shares of platforms without a decoder.
    function initialize(address authority_, address token_, address treasury_, address bounties_) external initializer {
        __Governed_init(authority_);
        Layout storage $ = _layout();
        $.token = IERC20(token_);
        $.treasury = treasury_;
        $.bounties = IBounties(bounties_);
        $.startsAt = uint40(block.timestamp - ((block.timestamp - FIRST_MONDAY) % 1 weeks));
        _setParameters(
            Parameters({
                weeklyInitial: 1_105_000e18,
                yearlyBasisPoints: 8_500,
                bountyShareBasisPoints: 1_000,
                challengeSeconds: 48 hours,
                claimWeeks: 26
            }),
            0
        );
    }

    /// @inheritdoc IRewardPool
    function postRoot(uint256 epoch, bytes32 root, uint96 total, bytes32 inputsHash) external restricted {
        Layout storage $ = _layout();
        Posted storage record = $.epochs[epoch];
        uint256 endsAt = endOf(epoch);
        if (block.timestamp < endsAt) revert EpochNotOver(epoch, endsAt);
        uint256 postableUntil = endsAt + POSTING_WEEKS * 1 weeks;
        if (block.timestamp >= postableUntil) revert PostingOver(epoch, postableUntil);
        if (record.root != 0) revert RootAlreadyPosted(epoch, record.root);
        uint256 emission = emissionOf(epoch);
        if (root == 0 || total == 0 || total > emission) revert RootInvalid(epoch, root, total, emission);
        uint256 available = EscrowMath.available($.token.balanceOf(address(this)), $.reserved);
        if (total > available) revert PoolShort(total, available);

        uint40 claimableFrom = uint40(block.timestamp) + $.challengeSeconds;
        $.reserved = EscrowMath.setAside($.reserved, total);
        $.epochs[epoch] = Posted({
            root: root,
            remaining: total,
            total: total,
            claimableFrom: claimableFrom,
            claimWeeks: $.claimWeeks,
            inputsHash: inputsHash
        });
        emit RootPosted(epoch, root, total, inputsHash, claimableFrom);
    }

    /// @inheritdoc IRewardPool
    function veto(uint256 epoch, string calldata reason) external restricted {
        Layout storage $ = _layout();
        Posted storage record = _posted($, epoch);
        bytes32 root = record.root;
        if (block.timestamp >= record.claimableFrom) revert ChallengeOver(epoch, record.claimableFrom);
        _release($, record, record.remaining);
        delete $.epochs[epoch];
        emit RootVetoed(epoch, root, reason);
    }

    /// @inheritdoc IRewardPool
    function claim(uint256 epoch, uint256 index, address account, uint256 amount, bytes32[] calldata proof) external {
        Layout storage $ = _layout();
        Posted storage record = _claimable($, epoch, index);
        if (!MerkleProof.verifyCalldata(proof, record.root, leafOf(epoch, index, account, amount))) {
            revert ProofInvalid(epoch, index, account, amount);
        }

        _take($, record, epoch, index, amount);
        emit RewardClaimed(epoch, index, account, amount);

        $.token.safeTransfer(account, amount);
    }

    /// @inheritdoc IRewardPool
    function claimForBounty(
        uint256 epoch,
        uint256 index,
        bytes32 platform,
        uint256 amount,
        bytes32[] calldata proof
    ) external {
        Layout storage $ = _layout();
        Posted storage record = _claimable($, epoch, index);
        if (!MerkleProof.verifyCalldata(proof, record.root, bountyLeafOf(epoch, index, platform, amount))) {
            revert BountyProofInvalid(epoch, index, platform, amount);
        }

        _take($, record, epoch, index, amount);
        emit BountyClaimed(epoch, index, platform, amount);

        $.token.forceApprove(address($.bounties), amount);
        // An amount that was taken fits: it was at most what remained, in 96 bits.
        $.bounties.fund(platform, uint128(amount));
    }

    /// @inheritdoc IRewardPool
    function sweep(uint256 epoch) external {
        Layout storage $ = _layout();
        Posted storage record = _posted($, epoch);
        uint96 amount = record.remaining;
        uint40 claimableUntil = _claimableUntil(record);
        if (block.timestamp < claimableUntil || amount == 0) revert NotSweepable(epoch, claimableUntil);

        _release($, record, amount);
        emit EpochSwept(epoch, amount);

        $.token.safeTransfer($.treasury, amount);
    }

    /// @inheritdoc IRewardPool
    function setParameters(Parameters calldata parameters_) external restricted {
        _setParameters(parameters_, currentEpoch() + 1);
    }

    /// @inheritdoc IRewardPool
    function epochOf(uint256 epoch) external view returns (Epoch memory) {
        Posted storage record = _layout().epochs[epoch];
        return
            Epoch({
                root: record.root,
                inputsHash: record.inputsHash,
                remaining: record.remaining,
                total: record.total,
                claimableFrom: record.claimableFrom,
                claimableUntil: _claimableUntil(record)
            });
    }

    /// @inheritdoc IRewardPool
    function isClaimed(uint256 epoch, uint256 index) external view returns (bool) {
        return _layout().claimed[epoch].get(index);
    }

    /// @inheritdoc IRewardPool
    function verifyLeaf(
        uint256 epoch,
        uint256 index,
        address account,
        uint256 amount,
        bytes32[] calldata proof
    ) external view returns (bool) {
        Posted storage record = _layout().epochs[epoch];
        if (block.timestamp < record.claimableFrom) return false;
        // Where nothing is posted the root is zero, which no hash is.
        return MerkleProof.verifyCalldata(proof, record.root, leafOf(epoch, index, account, amount));
    }

    /// @inheritdoc IRewardPool
    function parameters() external view returns (Parameters memory) {
        Layout storage $ = _layout();
        (uint96 weeklyInitial, uint16 yearly, uint16 bountyShare) = _unpack($.schedule.latest());
        return Parameters(weeklyInitial, yearly, bountyShare, $.challengeSeconds, $.claimWeeks);
    }

    /// @inheritdoc IRewardPool
    function reserved() external view returns (uint256) {
        return _layout().reserved;
    }

    /// @notice ERC-20 paid out.
    function token() external view returns (address) {
        return address(_layout().token);
    }

    /// @notice Where unclaimed rewards go.
    function treasury() external view returns (address) {
        return _layout().treasury;
    }

    /// @notice Where the shares of platforms without a decoder go.
    function bounties() external view returns (address) {
        return address(_layout().bounties);
    }

    /// @inheritdoc IRewardPool
    function bountyShareOf(uint256 epoch) external view returns (uint256 basisPoints) {
        (, , basisPoints) = _scheduleOf(epoch);
    }

    /// @inheritdoc IRewardPool
    function emissionOf(uint256 epoch) public view returns (uint256 amount) {
        uint256 yearlyBasisPoints;
        (amount, yearlyBasisPoints, ) = _scheduleOf(epoch);
        uint256 year = epoch / WEEKS_PER_YEAR;
        // Short where it counts: an epoch that is posted is over, so its year is that of the calendar at most.
        for (; year > 0 && amount > 0; --year) amount = (amount * yearlyBasisPoints) / BASIS_POINTS;
    }

    /// @inheritdoc IRewardPool
    function currentEpoch() public view returns (uint256) {
        return (block.timestamp - _layout().startsAt) / 1 weeks;
    }

    /// @inheritdoc IRewardPool
    function endOf(uint256 epoch) public view returns (uint256) {
        return _layout().startsAt + (epoch + 1) * 1 weeks;
    }

    /// @inheritdoc IRewardPool
    function leafOf(uint256 epoch, uint256 index, address account, uint256 amount) public view returns (bytes32) {
        bytes32 inner = keccak256(abi.encode(block.chainid, address(this), epoch, index, account, amount));
        return keccak256(bytes.concat(inner));
    }

    /// @inheritdoc IRewardPool
    function bountyLeafOf(
        uint256 epoch,
        uint256 index,
        bytes32 platform,
        uint256 amount
    ) public view returns (bytes32) {
        bytes32 inner = keccak256(
            abi.encode(BOUNTY_LEAF, block.chainid, address(this), epoch, index, platform, amount)
        );
        return keccak256(bytes.concat(inner));
    }

    function _setParameters(Parameters memory parameters_, uint256 fromEpoch) private {
        bool valid =
            parameters_.yearlyBasisPoints <= BASIS_POINTS &&
                parameters_.bountyShareBasisPoints <= BASIS_POINTS &&
                parameters_.challengeSeconds >= CHALLENGE_SECONDS_MIN &&
                parameters_.challengeSeconds <= CHALLENGE_SECONDS_MAX &&
                parameters_.claimWeeks != 0 &&
                parameters_.claimWeeks <= CLAIM_WEEKS_MAX;
        if (!valid) revert ParametersInvalid(parameters_);
        Layout storage $ = _layout();
        $.challengeSeconds = parameters_.challengeSeconds;
        $.claimWeeks = parameters_.claimWeeks;
        uint208 packed =
            (uint208(parameters_.weeklyInitial) << 32) |
                (uint208(parameters_.yearlyBasisPoints) << 16) |
                parameters_.bountyShareBasisPoints;
        $.schedule.push(uint48(fromEpoch), packed);
        emit ParametersSet(parameters_, fromEpoch);
    }

    /// @dev Marks a leaf as paid and takes its amount off what is set aside.
    function _take(Layout storage $, Posted storage record, uint256 epoch, uint256 index, uint256 amount) private {
        uint96 remaining = record.remaining;
        if (amount > remaining) revert EpochExhausted(epoch, amount, remaining);
        $.claimed[epoch].set(index);
        _release($, record, uint96(amount));
    }

    function _release(Layout storage $, Posted storage record, uint96 amount) private {
        ($.reserved, record.remaining) = EscrowMath.release($.reserved, record.remaining, amount);
    }

    function _claimable(Layout storage $, uint256 epoch, uint256 index) private view returns (Posted storage record) {
        record = _posted($, epoch);
        uint40 claimableFrom = record.claimableFrom;
        uint40 claimableUntil = _claimableUntil(record);
        if (block.timestamp < claimableFrom || block.timestamp >= claimableUntil) {
            revert NotClaimable(epoch, claimableFrom, claimableUntil);
        }
        if ($.claimed[epoch].get(index)) revert AlreadyClaimed(epoch, index);
    }

    function _posted(Layout storage $, uint256 epoch) private view returns (Posted storage record) {
        record = $.epochs[epoch];
        if (record.root == 0) revert RootNotPosted(epoch);
    }

    function _claimableUntil(Posted storage record) private view returns (uint40) {
        return record.claimableFrom + uint40(record.claimWeeks) * 1 weeks;
    }

    function _scheduleOf(uint256 epoch) private view returns (uint96, uint16, uint16) {
        return _unpack(_layout().schedule.upperLookup(SafeCast.toUint48(epoch)));
    }

    function _unpack(
        uint208 packed
    ) private pure returns (uint96 weeklyInitial, uint16 yearlyBasisPoints, uint16 bountyShareBasisPoints) {
        return (uint96(packed >> 32), uint16(packed >> 16), uint16(packed));
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
