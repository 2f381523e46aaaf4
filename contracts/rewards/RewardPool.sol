// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Governed} from "../common/Governed.sol";
import {IRewardPool} from "./IRewardPool.sol";

/// @title Weekly rewards
contract RewardPool is IRewardPool, Governed {
    using SafeERC20 for IERC20;
    using BitMaps for BitMaps.BitMap;

    uint256 public constant WEEKS_PER_YEAR = 52;
    uint16 public constant YEARLY_BASIS_POINTS_MAX = 10_000;
    /// @dev The first Monday 05:00 UTC of Unix time: 1970-01-05.
    uint256 private constant FIRST_MONDAY = 4 days + 5 hours;

    /// @custom:storage-location erc7201:dimo.storage.RewardPool
    struct Layout {
        IERC20 token;
        address treasury;
        uint40 startsAt;
        Parameters parameters;
        uint256 reserved;
        mapping(uint256 epoch => Epoch) epochs;
        mapping(uint256 epoch => BitMaps.BitMap) claimed;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.RewardPool")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0xc02bc3bff8c99f81ca8ebe5195bcad9d8e0b7fc93f69d626ecea29cfa4f8c100;

    /// @param authority_ AccessManager.
    /// @param token_ ERC-20 paid out.
    /// @param treasury_ Receives what nobody claims.
    function initialize(address authority_, address token_, address treasury_) external initializer {
        __Governed_init(authority_);
        Layout storage $ = _layout();
        $.token = IERC20(token_);
        $.treasury = treasury_;
        $.startsAt = uint40(block.timestamp - ((block.timestamp - FIRST_MONDAY) % 1 weeks));
        _setParameters(
            Parameters({
                weeklyInitial: 1_105_000e18,
                yearlyBasisPoints: 8_500,
                challengeSeconds: 48 hours,
                claimWeeks: 26
            })
        );
    }

    /// @inheritdoc IRewardPool
    function postRoot(uint256 epoch, bytes32 root, uint128 total, bytes32 inputsHash) external restricted {
        Layout storage $ = _layout();
        Epoch storage record = $.epochs[epoch];
        if (block.timestamp < endOf(epoch)) revert EpochNotOver(epoch, endOf(epoch));
        if (record.root != 0) revert RootAlreadyPosted(epoch, record.root);
        uint256 emission = emissionOf(epoch);
        if (root == 0 || total == 0 || total > emission) revert RootInvalid(epoch, root, total, emission);
        uint256 available = $.token.balanceOf(address(this)) - $.reserved;
        if (total > available) revert PoolShort(total, available);

        uint40 claimableFrom = uint40(block.timestamp) + $.parameters.challengeSeconds;
        $.reserved += total;
        $.epochs[epoch] = Epoch({
            root: root,
            inputsHash: inputsHash,
            remaining: total,
            claimableFrom: claimableFrom,
            claimableUntil: claimableFrom + uint40($.parameters.claimWeeks) * 1 weeks,
            total: total
        });
        emit RootPosted(epoch, root, total, inputsHash, claimableFrom);
    }

    /// @inheritdoc IRewardPool
    function veto(uint256 epoch, string calldata reason) external restricted {
        Layout storage $ = _layout();
        Epoch storage record = _posted($, epoch);
        bytes32 root = record.root;
        if (block.timestamp >= record.claimableFrom) revert ChallengeOver(epoch, record.claimableFrom);
        $.reserved -= record.total;
        delete $.epochs[epoch];
        emit RootVetoed(epoch, root, reason);
    }

    /// @inheritdoc IRewardPool
    function claim(uint256 epoch, uint256 index, address account, uint256 amount, bytes32[] calldata proof) external {
        Layout storage $ = _layout();
        Epoch storage record = _posted($, epoch);
        if (block.timestamp < record.claimableFrom || block.timestamp >= record.claimableUntil) {
            revert NotClaimable(epoch, record.claimableFrom, record.claimableUntil);
        }
        if ($.claimed[epoch].get(index)) revert AlreadyClaimed(epoch, index);
        if (!MerkleProof.verifyCalldata(proof, record.root, leafOf(epoch, index, account, amount))) {
            revert ProofInvalid(epoch, index, account, amount);
        }
        uint128 remaining = record.remaining;
        if (amount > remaining) revert EpochExhausted(epoch, amount, remaining);

        $.claimed[epoch].set(index);
        record.remaining = uint128(remaining - amount);
        $.reserved -= amount;
        emit RewardClaimed(epoch, index, account, amount);

        $.token.safeTransfer(account, amount);
    }

    /// @inheritdoc IRewardPool
    function sweep(uint256 epoch) external restricted {
        Layout storage $ = _layout();
        Epoch storage record = _posted($, epoch);
        uint256 amount = record.remaining;
        if (block.timestamp < record.claimableUntil || amount == 0) revert NotSweepable(epoch, record.claimableUntil);
        record.remaining = 0;
        $.reserved -= amount;
        emit EpochSwept(epoch, amount);
        $.token.safeTransfer($.treasury, amount);
    }

    /// @inheritdoc IRewardPool
    function setParameters(Parameters calldata parameters_) external restricted {
        _setParameters(parameters_);
    }

    /// @inheritdoc IRewardPool
    function epochOf(uint256 epoch) external view returns (Epoch memory) {
        return _layout().epochs[epoch];
    }

    /// @inheritdoc IRewardPool
    function currentEpoch() external view returns (uint256) {
        return (block.timestamp - _layout().startsAt) / 1 weeks;
    }

    /// @inheritdoc IRewardPool
    function isClaimed(uint256 epoch, uint256 index) external view returns (bool) {
        return _layout().claimed[epoch].get(index);
    }

    /// @inheritdoc IRewardPool
    function parameters() external view returns (Parameters memory) {
        return _layout().parameters;
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

    /// @inheritdoc IRewardPool
    function emissionOf(uint256 epoch) public view returns (uint256 amount) {
        Parameters memory terms = _layout().parameters;
        amount = terms.weeklyInitial;
        uint256 year = epoch / WEEKS_PER_YEAR;
        // Short where it counts: an epoch that is posted is over, so its year is that of the calendar at most.
        for (; year > 0 && amount > 0; --year) amount = (amount * terms.yearlyBasisPoints) / YEARLY_BASIS_POINTS_MAX;
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

    function _setParameters(Parameters memory parameters_) private {
        bool valid =
            parameters_.yearlyBasisPoints <= YEARLY_BASIS_POINTS_MAX &&
                parameters_.challengeSeconds != 0 &&
                parameters_.claimWeeks != 0;
        if (!valid) revert ParametersInvalid(parameters_);
        _layout().parameters = parameters_;
        emit ParametersSet(parameters_);
    }

    function _posted(Layout storage $, uint256 epoch) private view returns (Epoch storage record) {
        record = $.epochs[epoch];
        if (record.root == 0) revert RootNotPosted(epoch);
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
